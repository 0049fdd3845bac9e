/** What --admission-control-config-file says of PodSecurity: what holds everywhere, and for whom it does not. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readPodSecurityConfiguration } from "../../../src/apiserver/admission/pod-security-configuration.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { asUser, tokensOf } from "../../support/as-user.ts";

const CONFIGURATION = `
defaults:
  enforce: baseline
  enforce-version: latest
  warn: restricted
exemptions:
  usernames: [builder]
  namespaces: [kube-system]
  runtimeClasses: [sandboxed]
`;
const indented = CONFIGURATION.trimEnd().replaceAll("\n", "\n    ");
const FILE = `
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: EventRateLimit
  path: elsewhere.yaml
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration${indented}
`;

let directory: string;
let server: Awaited<ReturnType<typeof startTestApiServer>>;
let count = 0;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "pod-security-"));
  const users = ["root", "builder"].map((name) => ({ name, groups: ["system:masters"] }));
  server = await startTestApiServer({
    tokens: tokensOf(users),
    authorizationModes: ["RBAC"],
    podSecurity: read(FILE)!,
  });
  await asUser(server.transport, "root")("POST", "/apis/node.k8s.io/v1/runtimeclasses", {
    metadata: { name: "sandboxed" },
    handler: "sandboxed",
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}
const read = (text: string) => readPodSecurityConfiguration(write("admission.yaml", text));

let name: string;
beforeEach(() => {
  name = `pod-${count++}`;
});
/** Creates a pod that baseline forbids. */
const create = (user: string, namespace: string, spec: object = {}) =>
  asUser(server.transport, user)("POST", `/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name },
    spec: { hostNetwork: true, containers: [{ name: "x", image: "busybox" }], ...spec },
  });

describe("PodSecurity by its configuration file", () => {
  test("holds a namespace without labels to the defaults", async () => {
    const { json } = await create("root", "default");
    expect(json.message).toBe(
      `pods "${name}" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)`,
    );
    const fine = await create("root", "default", { hostNetwork: false });
    expect(fine.status).toBe(201);
    expect(fine.headers.warning).toEqual([
      expect.stringContaining('would violate PodSecurity \\"restricted:latest\\"'),
    ]);
  });

  test("lets pass whom it exempts: a user, a namespace, a runtime class", async () => {
    expect((await create("builder", "default")).status).toBe(201);
    name += "-system";
    expect((await create("root", "kube-system")).status).toBe(201);
    name += "-class";
    const classed = await create("root", "default", { runtimeClassName: "sandboxed" });
    expect(classed.status, classed.text).toBe(201);
  });

  test("may be in a file of its own, beside the first", () => {
    write("own.yaml", `kind: PodSecurityConfiguration${CONFIGURATION}`);
    const configuration = read(
      "kind: AdmissionConfiguration\nplugins: [{name: PodSecurity, path: own.yaml}]",
    );
    expect(configuration?.defaults.enforce.level).toBe("baseline");
    expect(configuration?.exempt.users).toEqual(new Set(["builder"]));
  });

  test("is nothing where the file is about other plug-ins", () => {
    expect(read("kind: AdmissionConfiguration\nplugins: [{name: Other}]")).toBeUndefined();
  });

  test.each([
    ["kind: Pod", "no kind AdmissionConfiguration but Pod"],
    [FILE.replace("enforce: baseline", "enforce: strict"), "defaults.enforce: Invalid value"],
    [FILE.replace("latest", "v2"), "defaults.enforce-version: Invalid value"],
  ])("makes no sense and is refused: %j", (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
