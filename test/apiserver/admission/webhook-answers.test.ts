/** What becomes of the answers of webhooks: in the audit log, with conditions, in time and too late. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { auditPolicyOf } from "../../../src/apiserver/audit/policy.ts";
import { asUser, tokensOf } from "../../support/as-user.ts";
import { eventually } from "../../support/eventually.ts";
import {
  about,
  type Json,
  MAPS,
  map,
  patching,
  startAskingServer,
  startWebhook,
} from "./webhook-server.ts";

let webhook: Awaited<ReturnType<typeof startWebhook>>;
let server: Awaited<ReturnType<typeof startAskingServer>>;
/** The annotations of what the audit log was told of. */
let annotations: Record<string, string>[];

const rules = [about("v1", "configmaps", "CREATE")];
const hook = (name: string, more: Json = {}) => webhook.hook(name, { rules, ...more });
const GONE = { url: "https://127.0.0.1:1/gone" };

beforeAll(async () => {
  webhook = await startWebhook();
});
afterAll(() => webhook.stop());
beforeEach(async () => {
  webhook.forget();
  annotations = [];
  server = await startAskingServer({ audit: auditing("RequestResponse") });
});
afterEach(() => server.stop());

function auditing(level: string) {
  const policy = auditPolicyOf({
    ...{ apiVersion: "audit.k8s.io/v1", kind: "Policy", omitStages: ["RequestReceived"] },
    rules: [
      { level, verbs: ["create"], resources: [{ resources: ["configmaps"] }] },
      { level: "None" },
    ],
  });
  const write = (line: string) => void annotations.push(JSON.parse(line).annotations);
  return { policy, write };
}

const create = () => server.send("POST", MAPS, map("one", { a: "1" }));

describe("the audit log tells", () => {
  test("what a webhook notes, under its name", async () => {
    webhook.answers.note = () => ({ allowed: true, auditAnnotations: { why: "it may" } });
    await server.configure("validating", hook("note"));
    await create();
    expect(annotations).toMatchObject([{ "note.example.com/why": "it may" }]);
  });

  test("who changed the object, and how", async () => {
    const added = { op: "add", path: "/data/added", value: "yes" };
    webhook.answers.add = () => patching(added);
    await server.configure("mutating", hook("look"), hook("add"));

    await create();

    const told = (index: number) => `webhook.admission.k8s.io/round_0_index_${index}`;
    const { [`mutation.${told(0)}`]: first, [`mutation.${told(1)}`]: second } = annotations[0]!;
    const by = (name: string) => ({ configuration: "test", webhook: `${name}.example.com` });
    expect(JSON.parse(first!)).toEqual({ ...by("look"), mutated: false });
    expect(JSON.parse(second!)).toEqual({ ...by("add"), mutated: true });
    expect(JSON.parse(annotations[0]![`patch.${told(1)}`]!)).toEqual({
      ...by("add"),
      patch: [added],
      patchType: "JSONPatch",
    });
    expect(annotations[0]).not.toHaveProperty([`patch.${told(0)}`]);
  });

  test("nothing of a patch where it tells nothing of objects", async () => {
    await server.stop();
    server = await startAskingServer({ audit: auditing("Metadata") });
    webhook.answers.add = () => patching({ op: "add", path: "/data/added", value: "yes" });
    await server.configure("mutating", hook("add"));
    await create();
    const keys = Object.keys(annotations[0]!);
    expect(keys).toContain("mutation.webhook.admission.k8s.io/round_0_index_0");
    expect(keys.filter((key) => key.startsWith("patch."))).toEqual([]);
  });

  test("whose failure was ignored", async () => {
    const gone = { clientConfig: GONE, failurePolicy: "Ignore" };
    await server.configure("validating", hook("here"), hook("gone", gone));
    expect((await create()).status).toBe(201);
    expect(annotations).toMatchObject([
      { "failed-open.validating.webhook.admission.k8s.io/round_0_index_1": "gone.example.com" },
    ]);
  });
});

describe("a webhook that does not answer in time", () => {
  /** Sends a request, waits until the webhook has it, and lets the time pass it has to answer. */
  async function createAndWait(seconds: number) {
    const answer = create();
    await eventually(() => expect(webhook.reviews).toHaveLength(1));
    server.clock.advance(seconds * 1_000);
    return answer;
  }

  test("has failed", async () => {
    webhook.answers.slow = () => "never";
    await server.configure("validating", hook("slow", { timeoutSeconds: 3 }));
    const answer = await createAndWait(3);
    expect(answer.json).toMatchObject({
      code: 500,
      message: `Internal error occurred: failed calling webhook "slow.example.com": failed to call webhook: Post "${webhook.url}/slow?timeout=3s": context deadline exceeded`,
    });
    expect(webhook.reviews[0].url).toBe("/slow?timeout=3s");
  });

  test("is passed over where that is to be ignored", async () => {
    webhook.answers.slow = () => "never";
    const patient = hook("slow", { timeoutSeconds: 3, failurePolicy: "Ignore" });
    await server.configure("mutating", patient);
    expect((await createAndWait(3)).status).toBe(201);
  });
});

describe("a webhook whose patch makes no sense", () => {
  test.each([
    ["is no list", "{", /received undecodable patch in webhook response: /],
    [
      "changes what is not there",
      '[{"op":"remove","path":"/nothing"}]',
      /^Internal error occurred: /,
    ],
  ])("because it %s stops the write", async (_, text, message) => {
    const patch = Buffer.from(text).toString("base64");
    webhook.answers.odd = () => ({ allowed: true, patchType: "JSONPatch", patch });
    await server.configure("mutating", hook("odd"));
    const { json } = await create();
    expect(json.code).toBe(500);
    expect(json.message).toMatch(message);
  });
});

describe("a webhook with conditions", () => {
  const condition = (expression: string) => ({ matchConditions: [{ name: "only", expression }] });

  test("is asked about who may not do something else", async () => {
    await server.stop();
    const users = [
      { name: "root", groups: ["system:masters"] },
      { name: "jane", groups: ["makers"] },
    ];
    server = await startAskingServer({ tokens: tokensOf(users), authorizationModes: ["RBAC"] });
    const as = (name: string) => asUser(server.transport, name);
    const rbac = "/apis/rbac.authorization.k8s.io/v1";
    await as("root")("POST", `${rbac}/clusterroles`, {
      metadata: { name: "maker" },
      rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["create"] }],
    });
    await as("root")("POST", `${rbac}/clusterrolebindings`, {
      metadata: { name: "makers" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "maker" },
      subjects: [{ kind: "Group", name: "makers" }],
    });
    const mayNot = condition(
      "!authorizer.group('').resource('secrets').namespace('default').check('create').allowed()",
    );
    const configuration = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    const metadata = { name: "test" };
    await as("root")("POST", configuration, { metadata, webhooks: [hook("look", mayNot)] });
    await as("root")("GET", `${configuration}/test`);

    expect((await as("root")("POST", MAPS, map("one"))).status).toBe(201);
    expect(webhook.reviews).toEqual([]);
    expect((await as("jane")("POST", MAPS, map("two"))).status).toBe(201);
    expect(webhook.reviews).toMatchObject([{ request: { userInfo: { username: "jane" } } }]);
  });

  test("that cannot be found out stops the write, unless failures are to be ignored", async () => {
    const odd = condition("object.data.missing == 'x'");
    await server.configure("validating", hook("look", odd));
    expect((await create()).json).toMatchObject({
      code: 403,
      message:
        "configmaps \"one\" is forbidden: expression 'object.data.missing == 'x'' resulted in error: no such key: missing",
    });
    const ignoring = hook("look", { ...odd, failurePolicy: "Ignore" });
    await server.configure("mutating", ignoring);
    const path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/test";
    await server.send("DELETE", path);
    await server.send("GET", MAPS);
    expect((await create()).status).toBe(201);
    expect(webhook.reviews).toEqual([]);
  });
});

describe("a webhook that wants to be asked again", () => {
  test("is not, if it had not been asked before", async () => {
    webhook.answers.label = () =>
      patching({ op: "add", path: "/metadata/labels", value: { a: "b" } });
    const late = {
      reinvocationPolicy: "IfNeeded",
      objectSelector: { matchLabels: { a: "b" } },
    };
    await server.configure("mutating", hook("late", late), hook("label"));
    await create();
    expect(webhook.reviews.map(({ path }) => path)).toEqual(["label"]);
  });

  test("is not, if nothing was changed after it", async () => {
    webhook.answers.label = () =>
      patching({ op: "add", path: "/metadata/labels", value: { a: "b" } });
    await server.configure(
      "mutating",
      hook("label"),
      hook("late", { reinvocationPolicy: "IfNeeded" }),
    );
    await create();
    expect(webhook.reviews.map(({ path }) => path)).toEqual(["label", "late"]);
  });
});
