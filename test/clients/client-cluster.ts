/** A cluster for client libraries: over TLS, known as the administrator by a certificate or as an account by a token. */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { Namespace } from "../../src/api/namespace.ts";
import { ClusterRoleBinding } from "../../src/api/rbac/cluster-role-binding.ts";
import { ServiceAccount } from "../../src/api/service-account.ts";
import { writeKubeconfig } from "../../src/kubeling/kubeconfig-file.ts";
import { eventually } from "../support/eventually.ts";
import { startWholeCluster } from "../support/whole-cluster.ts";

export type Credentials = "certificate" | "token";

/** Starts it, with a kubeconfig for each kind of credentials. */
export async function startClientCluster() {
  const cluster = await startWholeCluster({ nodes: 1 });
  const { certificates, secureServer: server, directory, client } = cluster;
  const certificate = join(directory, "certificate.conf");
  writeKubeconfig({ path: certificate, server, certificates });
  await eventually(() => client.get(Namespace, "", "default"));
  const metadata = { name: "robot" };
  await client.create(ServiceAccount, "default", { metadata });
  await client.create(ClusterRoleBinding, "", {
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", name: "robot", namespace: "default" }],
  });
  const path = "/api/v1/namespaces/default/serviceaccounts/robot/token";
  const answer = await fetch(`${cluster.server}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}',
  });
  const config = JSON.parse(readFileSync(certificate, "utf8"));
  const { status } = (await answer.json()) as { status: { token: string } };
  config.users[0].user = { token: status.token };
  const token = join(directory, "token.conf");
  writeFileSync(token, JSON.stringify(config));
  return {
    ...cluster,
    kubeconfigs: { certificate, token },
    /** A namespace of a test's own, with the account that pods need. */
    async namespace(name: string): Promise<string> {
      await client.create(Namespace, "", { metadata: { name }, spec: {} });
      await eventually(() => client.get(ServiceAccount, name, "default"));
      return name;
    },
  };
}

/** Runs a script of this folder, and gives what it printed, line by line. */
export async function linesOf(program: string, script: string, args: string[]): Promise<string[]> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { error, stdout, stderr } = await new Promise<{
    error: Error | null;
    stdout: string;
    stderr: string;
  }>((resolve) => {
    const options = { timeout: 150_000, env: { PATH: process.env.PATH, PYTHONWARNINGS: "ignore" } };
    execFile(program, [path, ...args], options, (error, stdout, stderr) =>
      resolve({ error, stdout, stderr }),
    );
  });
  expect({ stdout, stderr: error === null ? "" : `${error.message}\n${stderr}` }).toEqual({
    stdout,
    stderr: "",
  });
  return stdout.trimEnd().split("\n");
}
