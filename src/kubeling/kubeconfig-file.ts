/** The kubeconfig that `kubeling up` writes: the cluster, the administrator, and their certificates. */
import { writeFileSync } from "node:fs";
import type { ClusterCertificates } from "./certificates.ts";

export interface KubeconfigOptions {
  path: string;
  /** "https://127.0.0.1:6443" */
  server: string;
  certificates: ClusterCertificates;
}

/** Writes it readable by its owner only: it holds the administrator's key. JSON is YAML too. */
export function writeKubeconfig({ path, server, certificates }: KubeconfigOptions): void {
  const { ca, admin } = certificates;
  const name = "kubeling";
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": base64(ca.certificate) } }],
    users: [
      {
        name,
        user: {
          "client-certificate-data": base64(admin.certificate),
          "client-key-data": base64(admin.key),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
  writeFileSync(path, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
