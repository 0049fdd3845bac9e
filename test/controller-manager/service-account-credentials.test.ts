/** kube-controller-manager --use-service-account-credentials, the daemon, over TLS and under RBAC. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Pod } from "../../src/api/pod.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { ServiceAccount } from "../../src/api/service-account.ts";
import { issueCertificate } from "../../src/component/certificate.ts";
import { systemClock as clock } from "../../src/component/clock.ts";
import { systemRandom as random } from "../../src/component/random.ts";
import { kubeControllerManager } from "../../src/controller-manager/main.ts";
import { ensureCertificates } from "../../src/kubeling/certificates.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { type DaemonRun, runInProcess } from "../support/daemon-run.ts";
import { eventually } from "../support/eventually.ts";
import { signingKey } from "../support/signing-keys.ts";

interface AuditEvent {
  verb: string;
  user: { username: string };
  userAgent: string;
  objectRef?: { resource: string };
  annotations?: Record<string, string>;
  responseStatus?: { message?: string };
}

const HOUR_MS = 3_600_000;
/** A daemon on a busy machine takes its time. */
const LIMIT_MS = 120_000;
const MANAGER = "system:kube-controller-manager";
const accountUser = (name: string) => `system:serviceaccount:kube-system:${name}`;

let directory: string;
let kubeconfig: string;
let server: Awaited<ReturnType<typeof startTestApiServer>>;
let manager: DaemonRun | undefined;
let events: AuditEvent[];

beforeEach(async () => {
  events = [];
  directory = mkdtempSync(join(tmpdir(), "kubeling-"));
  kubeconfig = join(directory, "kubeconfig");
  const own = { directory, serverNames: ["127.0.0.1"], clock, random };
  const { ca, server: serving } = await ensureCertificates(own);
  server = await startTestApiServer({
    ...{ clock, authorizationModes: ["RBAC"] },
    accountTokens: { issuers: ["https://here"], signingKey: signingKey() },
    audit: {
      policy: { rules: [{ level: "Metadata" }] },
      write: (line) => void events.push(JSON.parse(line) as AuditEvent),
    },
  });
  const tls = { cert: serving.certificate, key: serving.key, clientCa: ca.certificate };
  const { port } = await server.listen({ address: "127.0.0.1", port: 0, tls });
  const pair = await issueCertificate(
    { subject: `CN=${MANAGER}`, purpose: "client", validMs: HOUR_MS },
    { clock, random },
    ca,
  );
  const encode = (text: string) => Buffer.from(text).toString("base64");
  const user = {
    "client-certificate-data": encode(pair.certificate),
    "client-key-data": encode(pair.key),
  };
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    "certificate-authority-data": encode(ca.certificate),
  };
  const config = {
    ...{ users: [{ name: "it", user }], clusters: [{ name: "it", cluster }] },
    ...{ contexts: [{ name: "it", context: { cluster: "it", user: "it" } }] },
    "current-context": "it",
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
});
afterEach(async () => {
  await manager?.stop();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

const start = (...flags: string[]) => {
  manager = runInProcess(kubeControllerManager, [
    `--kubeconfig=${kubeconfig}`,
    "--port=0",
    ...flags,
  ]);
};
const ask = () =>
  server.client.create(ReplicationController, "default", {
    metadata: { name: "web" },
    spec: {
      replicas: 3,
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "web", image: "nginx" }] },
      },
    },
  });
const pods = async () => (await server.client.list(Pod, { namespace: "default" })).items;
const writersOf = (resource: string) => {
  const writes = events.filter(
    ({ verb, objectRef }) => verb === "create" && objectRef?.resource === resource,
  );
  return [...new Set(writes.map(({ user }) => user.username))];
};
const forbidden = () =>
  events.filter(({ annotations }) => annotations?.["authorization.k8s.io/decision"] === "forbid");

describe("kube-controller-manager", () => {
  test("lets each controller write as its own service account, though its kubeconfig names another", async () => {
    start("--use-service-account-credentials=true");
    await ask();
    await eventually(async () => expect(await pods()).toHaveLength(3), LIMIT_MS);
    expect(writersOf("pods")).toEqual([accountUser("replication-controller")]);
    const writer = events.find(({ user }) => user.username.endsWith(":replication-controller"));
    expect(writer!.userAgent).toBe("kube-controller-manager");
    const account = await server.client.get(
      ServiceAccount,
      "kube-system",
      "replication-controller",
    );
    expect(account.metadata.name).toBe("replication-controller");
    expect(forbidden().map(({ responseStatus }) => responseStatus?.message)).toEqual([]);
  });

  test("without the flag writes as who its kubeconfig names, who may not", async () => {
    start();
    await ask();
    await eventually(() => {
      expect(forbidden().map(({ responseStatus }) => responseStatus?.message)).toContain(
        `pods is forbidden: User "${MANAGER}" cannot create resource "pods" in API group "" in the namespace "default"`,
      );
    }, LIMIT_MS);
    expect(await pods()).toEqual([]);
  });
});
