/** What the tests run on the hosts: pods that say their names, and a service for them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostsLab } from "../../support/hosts-lab.ts";

const IMAGE = "registry:5000/nginx:1.25";

/**
 * What a container says that may lose no request: when it is ready, and that it has to go on serving for as
 * long as some kube-proxy may not have heard yet that it is leaving.
 */
export const CAREFUL = {
  readinessProbe: { httpGet: { path: "/", port: 80 }, periodSeconds: 1 },
  lifecycle: { preStop: { exec: { command: ["sleep", "10"] } } },
};

/** Applies objects; JSON is YAML. */
export async function apply(lab: HostsLab, ...items: object[]): Promise<string> {
  const file = join(lab.directory, `${crypto.randomUUID()}.json`);
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  return lab.kubectl("apply", "-f", file);
}

/** `container`: what its container has beside name, image and port. */
export function replicationController(name: string, replicas: number, container: object = {}) {
  const labels = { app: name };
  const web = { name: "web", image: IMAGE, ports: [{ containerPort: 80 }], ...container };
  return {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name },
    spec: {
      replicas,
      selector: labels,
      template: { metadata: { labels }, spec: { containers: [web] } },
    },
  };
}

export function service(name: string, spec: object = {}) {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
  };
}
