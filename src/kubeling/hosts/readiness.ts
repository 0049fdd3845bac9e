/**
 * When a unit of the lab is ready. On a real host each tells systemd so itself; that takes a socket
 * Node cannot open (docs/decisions/sd-notify.md), so here each is asked instead.
 *
 * A unit that is not in the table is ready as soon as it runs.
 */
import { existsSync } from "node:fs";
import { request } from "node:http";

/** What must answer with 200, or, without a server, the file that must be there. */
const SIGNS: Readonly<Record<string, string>> = {
  "etcd.service": "http://127.0.0.1:2379/health",
  "flanneld.service": "/run/flannel/subnet.env",
  "docker.service": "unix:/run/docker.sock",
  "registry.service": "http://127.0.0.1:5000/v2/",
  "kube-apiserver.service": "http://127.0.0.1:8080/healthz",
  "kube-controller-manager.service": "http://127.0.0.1:10252/healthz",
  "kube-scheduler.service": "http://127.0.0.1:10251/healthz",
  "kube-dns.service": "http://127.0.0.1:8081/healthz",
  "kubelet.service": "http://127.0.0.1:10248/healthz",
  "kube-proxy.service": "http://127.0.0.1:10256/healthz",
};
const TIMEOUT_MS = 2_000;

export async function isReady(unit: string): Promise<boolean> {
  const sign = SIGNS[unit];
  if (sign === undefined) return true;
  if (sign.startsWith("/")) return existsSync(sign);
  return answers(sign);
}

function answers(sign: string): Promise<boolean> {
  const target = sign.startsWith("unix:")
    ? { socketPath: sign.slice("unix:".length), path: "/_ping" }
    : urlOptions(new URL(sign));
  return new Promise((resolve) => {
    const asked = request({ ...target, timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
    asked.on("error", () => resolve(false));
    asked.end();
  });
}

function urlOptions({ hostname, port, pathname }: URL) {
  return { host: hostname, port, path: pathname };
}
