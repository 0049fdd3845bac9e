/** The objects the benchmarks write: a pod as a deployment makes them, and as much of a ConfigMap. */
import { requestBytes } from "./load.ts";

export const PODS = "/api/v1/namespaces/default/pods";
export const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

/** About the size of a small pod with its status. */
const DATA_BYTES = 1_400;
const FILLING = "0123456789abcdef".repeat(DATA_BYTES / 16);

export function configMap(name: string): string {
  const metadata = { name, namespace: "default" };
  return JSON.stringify({ kind: "ConfigMap", apiVersion: "v1", metadata, data: { file: FILLING } });
}

/** No scheduler feels called upon by it, so nothing happens to it once it is there. */
export function pod(name: string): string {
  return podIn("default", name);
}

export function podIn(namespace: string, name: string): string {
  const containers = ["web", "log", "sync"].map((container) => ({
    name: container,
    image: `registry.example.com/shop/${container}:1.25.3`,
    command: ["/bin/server", "--listen=0.0.0.0:8080", "--verbose"],
    env: [{ name: "MODE", value: "production" }],
    resources: { requests: { cpu: "10m", memory: "16Mi" } },
  }));
  const metadata = { name, namespace, labels: { app: "web", tier: "front" } };
  const spec = { schedulerName: "nobody", containers };
  return JSON.stringify({ kind: "Pod", apiVersion: "v1", metadata, spec });
}

export function createRequest(path: string, body: string): Buffer {
  return requestBytes("POST", path, body);
}
