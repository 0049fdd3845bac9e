/** The Pod Security Standards, by the labels of a namespace. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test makes pods of any form
type Json = any;

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let namespace: string;
let count = 0;

const send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  ask(server.transport, method, path, body, headers);
const pods = () => `/api/v1/namespaces/${namespace}/pods`;

const pod = (spec: Json = {}, container: Json = {}): Json => ({
  metadata: { name: "one" },
  spec: { containers: [{ name: "x", image: "busybox", ...container }], ...spec },
});

async function label(labels: Record<string, string>) {
  const metadata = {
    labels: Object.fromEntries(
      Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]),
    ),
  };
  const type = { "content-type": "application/merge-patch+json" };
  const answer = await send("PATCH", `/api/v1/namespaces/${namespace}`, { metadata }, type);
  await send("GET", `/api/v1/namespaces/${namespace}`);
  return answer;
}

const warningsOf = ({ headers }: Json) =>
  ((headers.warning ?? []) as string[]).map((one) => JSON.parse(one.slice("299 - ".length)));

beforeAll(async () => {
  server = await startTestApiServer({ allowsPrivileged: true });
});
afterAll(() => server.stop());
beforeEach(async () => {
  namespace = `security-${count++}`;
  await send("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
});

const FAULTS =
  'allowPrivilegeEscalation != false (container "x" must set securityContext.allowPrivilegeEscalation=false), ' +
  'unrestricted capabilities (container "x" must set securityContext.capabilities.drop=["ALL"]), ' +
  'runAsNonRoot != true (pod or container "x" must set securityContext.runAsNonRoot=true), ' +
  'seccompProfile (pod or container "x" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';
const HARDENED = {
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
  },
};

describe("PodSecurity", () => {
  test("refuses a pod that is not what the restricted level asks for", async () => {
    await label({ enforce: "restricted" });

    expect((await send("POST", pods(), pod())).json).toMatchObject({
      code: 403,
      reason: "Forbidden",
      message: `pods "one" is forbidden: violates PodSecurity "restricted:latest": ${FAULTS}`,
    });
    expect((await send("POST", pods(), pod({}, HARDENED))).status).toBe(201);
  });

  test.each([
    [{ hostNetwork: true, hostPID: true }, {}, "host namespaces (hostNetwork=true, hostPID=true)"],
    [{ volumes: [{ name: "v", hostPath: { path: "/" } }] }, {}, 'hostPath volumes (volume "v")'],
    [
      {},
      { ports: [{ containerPort: 80, hostPort: 8080 }] },
      'hostPort (container "x" uses hostPort 8080)',
    ],
    [
      {},
      { securityContext: { privileged: true } },
      'privileged (container "x" must not set securityContext.privileged=true)',
    ],
    [
      {},
      { securityContext: { capabilities: { add: ["NET_ADMIN", "CHOWN", "SYS_TIME"] } } },
      'non-default capabilities (container "x" must not include "NET_ADMIN", "SYS_TIME" in securityContext.capabilities.add)',
    ],
    [
      { securityContext: { seccompProfile: { type: "Unconfined" } } },
      {},
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      { securityContext: { sysctls: [{ name: "kernel.msgmax", value: "1" }] } },
      {},
      "forbidden sysctls (kernel.msgmax)",
    ],
    [
      { securityContext: { seLinuxOptions: { user: "u", type: "spc_t" } } },
      {},
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
    ],
  ])("baseline does not take %j %j", async (spec, container, fault) => {
    await label({ enforce: "baseline" });

    const answer = await send("POST", pods(), pod(spec, container));

    expect(answer.json.message).toBe(
      `pods "one" is forbidden: violates PodSecurity "baseline:latest": ${fault}`,
    );
  });

  test("baseline takes an ordinary pod", async () => {
    await label({ enforce: "baseline" });
    expect((await send("POST", pods(), pod())).status).toBe(201);
  });

  test("warns of pods, and of workloads that would make them, at the version that is named", async () => {
    await label({ warn: "restricted", "warn-version": "v1.24" });

    const single = await send("POST", pods(), pod());
    const template = { metadata: { labels: { app: "web" } }, spec: pod().spec };
    const spec = { selector: { matchLabels: { app: "web" } }, template };
    const workload = await send("POST", `/apis/apps/v1/namespaces/${namespace}/deployments`, {
      metadata: { name: "web" },
      spec,
    });

    const sentence = `would violate PodSecurity "restricted:v1.24": ${FAULTS}`;
    expect([single.status, workload.status]).toEqual([201, 201]);
    expect(warningsOf(single)).toEqual([sentence]);
    expect(warningsOf(workload)).toEqual([sentence]);
  });

  test("warns who makes labels stricter of pods that are there", async () => {
    await send("POST", pods(), pod());
    await send("POST", pods(), { ...pod(), metadata: { name: "two" } });

    const answer = await label({ enforce: "restricted" });

    expect(answer.status).toBe(200);
    expect(warningsOf(answer)).toEqual([
      `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "restricted:latest"`,
      "one (and 1 other pod): allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile",
    ]);
  });

  test("takes no level that there is not", async () => {
    expect((await label({ enforce: "strict" })).json).toMatchObject({
      code: 422,
      message: `Namespace "${namespace}" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted`,
    });
  });
});
