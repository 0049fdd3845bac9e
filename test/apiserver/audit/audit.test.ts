import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LogFile } from "../../../src/apiserver/audit/log-file.ts";
import { auditPolicyOf } from "../../../src/apiserver/audit/policy.ts";
import { openWatch } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { asUser, tokensOf } from "../../support/as-user.ts";
import { TestClock } from "../../support/test-clock.ts";

const USERS = [
  { name: "jane", groups: ["students"] },
  { name: "root", groups: ["system:masters"] },
  { name: "system:node:n1", groups: ["system:nodes"] },
];
const MAPS = "/api/v1/namespaces/default/configmaps";
const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one" }, data: { a: "b" } };

let server: Awaited<ReturnType<typeof startTestApiServer>> | undefined;
// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever was told.
let events: any[];

async function start(rules: object[], more: object = {}) {
  events = [];
  const policy = auditPolicyOf({ apiVersion: "audit.k8s.io/v1", kind: "Policy", rules, ...more });
  server = await startTestApiServer({
    tokens: tokensOf(USERS),
    authorizationModes: ["Node", "RBAC"],
    audit: { policy, write: (line) => void events.push(JSON.parse(line)) },
  });
  events = [];
  const { transport } = server;
  return (name: string) => asUser(transport, name);
}
afterEach(() => server?.stop());

describe("the audit log", () => {
  test("tells of a request when it arrives and when it is answered", async () => {
    const as = await start([{ level: "Metadata" }]);
    await as("root")("POST", MAPS, map, { "user-agent": "test/1.0" });
    expect(events.map(({ stage }) => stage)).toEqual(["RequestReceived", "ResponseComplete"]);
    expect(events[0]).toEqual({
      kind: "Event",
      apiVersion: "audit.k8s.io/v1",
      level: "Metadata",
      auditID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      stage: "RequestReceived",
      requestURI: MAPS,
      verb: "create",
      user: { username: "root", groups: ["system:masters", "system:authenticated"] },
      userAgent: "test/1.0",
      objectRef: { resource: "configmaps", namespace: "default", apiVersion: "v1" },
      requestReceivedTimestamp: "2014-06-06T00:00:00.000000Z",
      stageTimestamp: "2014-06-06T00:00:00.000000Z",
    });
    expect(events[1].auditID).toBe(events[0].auditID);
    expect(events[1]).toMatchObject({
      responseStatus: { metadata: {}, code: 201 },
      annotations: {
        "authorization.k8s.io/decision": "allow",
        "authorization.k8s.io/reason": "",
      },
    });
    expect(events[1].requestObject).toBeUndefined();
  });

  test("tells the objects where the policy asks for them", async () => {
    const as = await start([{ level: "Request", verbs: ["update"] }, { level: "RequestResponse" }]);
    await as("root")("POST", MAPS, map);
    expect(events[1].requestObject).toEqual(map);
    expect(events[1].responseObject.metadata.uid).toBeDefined();
    await as("root")("PUT", `${MAPS}/one`, map);
    expect(events[3].requestObject).toEqual(map);
    expect(events[3].responseObject).toBeUndefined();
  });

  test("takes the first rule that fits: by user, group, verb, resource, namespace, path", async () => {
    const as = await start([
      { level: "None", users: ["root"], verbs: ["get"] },
      { level: "None", nonResourceURLs: ["/healthz*", "/version"] },
      { level: "Request", resources: [{ group: "", resources: ["secrets", "pods/log"] }] },
      { level: "Metadata", namespaces: ["kube-system"] },
      { level: "RequestResponse", userGroups: ["students"] },
    ]);
    const levelOf = async (name: string, path: string) => {
      events.length = 0;
      await as(name)("GET", path);
      return events[0]?.level;
    };
    expect(await levelOf("root", `${MAPS}/one`)).toBeUndefined();
    expect(await levelOf("jane", "/healthz")).toBeUndefined();
    expect(await levelOf("jane", "/version")).toBeUndefined();
    expect(await levelOf("root", "/api/v1/secrets")).toBe("Request");
    expect(await levelOf("jane", "/api/v1/namespaces/default/pods/x/log")).toBe("Request");
    expect(await levelOf("jane", "/api/v1/namespaces/kube-system/pods")).toBe("Metadata");
    expect(await levelOf("jane", MAPS)).toBe("RequestResponse");
    expect(await levelOf("root", MAPS)).toBeUndefined();
  });

  test("leaves out stages, and tells of a watch when it begins", async () => {
    const as = await start([{ level: "Metadata", omitStages: ["RequestReceived"] }]);
    await as("root")("GET", MAPS);
    const headers = { authorization: "Bearer root" };
    const watch = await openWatch(server!.transport, `${MAPS}?watch=1`, headers);
    watch.close();
    expect(events.map(({ stage, verb }) => `${verb} ${stage}`)).toEqual([
      "list ResponseComplete",
      "watch ResponseStarted",
    ]);
  });

  test("tells of what is refused, and of who acted as somebody else", async () => {
    const as = await start([{ level: "Metadata" }]);
    await as("jane")("GET", "/api/v1/secrets");
    expect(events[1]).toMatchObject({
      responseStatus: { status: "Failure", reason: "Forbidden", code: 403 },
      annotations: {
        "authorization.k8s.io/decision": "forbid",
        "authorization.k8s.io/reason": "",
      },
    });
    events.length = 0;
    await as("system:node:n1")("GET", "/api/v1/namespaces/default/secrets/one");
    expect(events[1].annotations).toEqual({
      "authorization.k8s.io/decision": "forbid",
      "authorization.k8s.io/reason": "no relationship found between node 'n1' and this object",
    });
    events.length = 0;
    await as("stranger")("GET", MAPS);
    expect(events.at(-1)).toMatchObject({ user: {}, responseStatus: { code: 401 } });
    events.length = 0;
    await as("root")("GET", MAPS, undefined, { "impersonate-user": "jane" });
    expect(events[0]).toMatchObject({
      user: { username: "root" },
      impersonatedUser: { username: "jane" },
    });
  });
});

describe("an audit policy", () => {
  const policy = (rules: object[]) => ({ apiVersion: "audit.k8s.io/v1", kind: "Policy", rules });

  test("is refused where it makes no sense", () => {
    const refuse = (value: object, why: string) => expect(() => auditPolicyOf(value)).toThrow(why);
    refuse({}, 'no kind "" is registered for version ""');
    refuse(policy([]), "loaded illegal policy with 0 rules");
    refuse(policy([{ level: "Much" }]), 'rules[0].level: Unsupported value: "Much"');
    const both = { level: "None", nonResourceURLs: ["/"], namespaces: ["a"] };
    refuse(policy([both]), "rules cannot apply to both regular resources and non-resource URLs");
  });
});

describe("the file of the audit log", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "kubeling-audit-"));
    return () => rmSync(directory, { recursive: true, force: true });
  });

  test("is put aside when it is too large, and the oldest are deleted", () => {
    const clock = new TestClock();
    const path = join(directory, "audit.log");
    const file = new LogFile({ path, maxSize: 1, maxAge: 0, maxBackups: 2 }, clock);
    const line = `${"x".repeat(600 * 1024)}\n`;
    for (let i = 0; i < 5; i++) {
      clock.advance(1_000);
      file.write(line);
      file.flush();
    }
    const names = readdirSync(directory).toSorted();
    expect(names).toEqual([
      "audit-2014-06-06T00-00-04.000.log",
      "audit-2014-06-06T00-00-05.000.log",
      "audit.log",
    ]);
    expect(readFileSync(path, "utf8")).toBe(line);
  });

  test("forgets what is older than maxage", () => {
    const clock = new TestClock();
    const path = join(directory, "audit.log");
    const file = new LogFile({ path, maxSize: 1, maxAge: 1, maxBackups: 0 }, clock);
    for (let i = 0; i < 4; i++) {
      clock.advance(20 * 3_600_000);
      file.write("y".repeat(1024 * 1024));
      file.flush();
    }
    expect(readdirSync(directory)).toHaveLength(3);
  });
});
