import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { ApiServerOptions } from "../../../src/apiserver/apiserver.ts";
import { readPolicies } from "../../../src/apiserver/authorization/abac.ts";
import { unionOf } from "../../../src/apiserver/authorization/union.ts";
import type { Attributes, Authorizer } from "../../../src/apiserver/authorize.ts";
import { requestInfoOf } from "../../../src/apiserver/request-info.ts";
import { createHttpTransport } from "../../../src/client/http-transport.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { asUser, tokensOf } from "../../support/as-user.ts";

const USERS = [{ name: "alice" }, { name: "bob" }, { name: "root", groups: ["system:masters"] }];
const PODS = "/api/v1/namespaces/default/pods";

let server: Awaited<ReturnType<typeof startTestApiServer>> | undefined;
async function start(options: Partial<ApiServerOptions>) {
  server = await startTestApiServer({ tokens: tokensOf(USERS), ...options });
  const { transport } = server;
  return (name: string) => asUser(transport, name);
}
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const attributes: Attributes = requestInfoOf("GET", PODS);
const user = { name: "x", groups: [] };
const yes: Authorizer = () => ({ allowed: true });
const silent =
  (reason = ""): Authorizer =>
  () => ({ allowed: false, reason });
const never: Authorizer = async () => ({ allowed: false, reason: "never", isFinal: true });

describe("several authorizers", () => {
  test("are asked in order until one has an opinion", async () => {
    expect(await unionOf([silent(), yes])(user, attributes)).toEqual({ allowed: true });
    expect(await unionOf([never, yes])(user, attributes)).toMatchObject({ reason: "never" });
    expect(await unionOf([yes, never])(user, attributes)).toEqual({ allowed: true });
    const both = await unionOf([silent("a"), silent(), silent("b")])(user, attributes);
    expect(both).toEqual({ allowed: false, reason: "a\nb" });
  });
});

describe("--authorization-mode=AlwaysDeny", () => {
  test("forbids everything but to administrators", async () => {
    const as = await start({ authorizationModes: ["AlwaysDeny"] });
    expect((await as("alice")("GET", PODS)).json.message).toBe(
      'pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default": Everything is forbidden.',
    );
    expect((await as("root")("GET", PODS)).status).toBe(200);
    // responsewriters.Forbidden: what is said is not to look like a page.
    expect((await as("alice")("GET", "/<a&b>")).json.message).toBe(
      'forbidden: User "alice" cannot get path "/&lt;a&amp;b&gt;": Everything is forbidden.',
    );
  });
});

describe("--authorization-mode=ABAC", () => {
  const file = [
    "# the course's first cluster",
    '{"user":"alice"}',
    "",
    '{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{"user":"bob","namespace":"default","resource":"pods","readonly":true}}',
    '{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{"group":"*","nonResourcePath":"/version*","readonly":true}}',
  ].join("\n");

  test("allows what a line allows", async () => {
    const abacPolicies = readPolicies(file, "policy.jsonl");
    const as = await start({ authorizationModes: ["ABAC"], abacPolicies });
    expect((await as("alice")("GET", "/api/v1/nodes")).status).toBe(200);
    expect((await as("alice")("GET", "/apis")).status).toBe(200);
    expect((await as("bob")("GET", PODS)).status).toBe(200);
    expect((await as("bob")("GET", "/version")).status).toBe(200);
    expect((await as("bob")("DELETE", `${PODS}/x`)).json.message).toBe(
      'pods "x" is forbidden: User "bob" cannot delete resource "pods" in API group "" in the namespace "default": No policy matched.',
    );
    expect((await as("bob")("GET", "/api/v1/pods")).status).toBe(403);
    expect((await as("bob")("GET", "/apis")).status).toBe(403);
  });

  test("names the line that is wrong", () => {
    expect(() => readPolicies('\n{"kind":"Role"}', "p")).toThrow(
      'error reading policy file p, line 2: {"kind":"Role"}: no kind "Role" is registered',
    );
    expect(() => readPolicies("{", "p")).toThrow("error reading policy file p, line 1: {: ");
  });
});

describe("--authorization-mode=Webhook", () => {
  /** Allows alice, denies bob for good, and says nothing of others. */
  async function startWebhook() {
    // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever was asked.
    const asked: any[] = [];
    const webhook = http.createServer(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      const review = JSON.parse(Buffer.concat(chunks).toString());
      asked.push({ ...review, url: req.url });
      const { user } = review.spec;
      const no = { allowed: false, denied: true, reason: "not you" };
      const status = user === "alice" ? { allowed: true } : user === "bob" ? no : {};
      res.end(JSON.stringify({ ...review, status }));
    });
    await new Promise<void>((resolve) => webhook.listen(0, "127.0.0.1", resolve));
    const { port } = webhook.address() as AddressInfo;
    const { transport, close } = createHttpTransport(`http://127.0.0.1:${port}/authorize`);
    const authorizationWebhook = {
      ...{ transport, path: "", version: "v1", allowedForMs: 300_000, deniedForMs: 30_000 },
    };
    const stop = async () => {
      close();
      webhook.closeAllConnections();
      await new Promise((resolve) => webhook.close(resolve));
    };
    return { asked, authorizationWebhook, stop };
  }

  test("asks another server, and remembers its answers for a while", async () => {
    const { asked, authorizationWebhook, stop } = await startWebhook();
    try {
      const modes = ["Webhook", "AlwaysAllow"] as const;
      const as = await start({ authorizationModes: modes, authorizationWebhook });
      expect((await as("alice")("GET", PODS)).status).toBe(200);
      expect((await as("alice")("GET", PODS)).status).toBe(200);
      expect(asked).toHaveLength(1);
      expect(asked[0]).toMatchObject({
        kind: "SubjectAccessReview",
        apiVersion: "authorization.k8s.io/v1",
        url: "/authorize",
        spec: {
          user: "alice",
          groups: ["system:authenticated"],
          resourceAttributes: { namespace: "default", verb: "list", resource: "pods" },
        },
      });
      expect((await as("bob")("GET", PODS)).json.message).toContain(": not you");
      server!.clock.advance(30_000);
      await as("bob")("GET", PODS);
      expect(asked).toHaveLength(3);
      server!.clock.advance(300_000);
      await as("alice")("GET", PODS);
      expect(asked).toHaveLength(4);
    } finally {
      await stop();
    }
  });

  test("has no opinion where the other server does not answer", async () => {
    const { authorizationWebhook, stop } = await startWebhook();
    await stop();
    const as = await start({ authorizationModes: ["Webhook"], authorizationWebhook });
    const answer = await as("alice")("GET", PODS);
    expect(answer.status).toBe(403);
  });
});

describe("access reviews", () => {
  const REVIEWS = "/apis/authorization.k8s.io/v1";
  const review = (kind: string, spec: object, metadata: object = {}) => ({
    ...{ apiVersion: "authorization.k8s.io/v1", kind, metadata, spec },
  });
  const pods = { namespace: "default", verb: "get", resource: "pods" };

  test("answer what a request would be answered", async () => {
    const as = await start({ authorizationModes: ["RBAC"] });
    const self = `${REVIEWS}/selfsubjectaccessreviews`;
    const ask = async (name: string, path: string, body: object) =>
      (await as(name)("POST", path, body)).json;
    const mine = review("SelfSubjectAccessReview", { resourceAttributes: pods });
    expect((await ask("alice", self, mine)).status).toEqual({ allowed: false });
    const path = { nonResourceAttributes: { path: "/api", verb: "get" } };
    expect((await ask("alice", self, review("SelfSubjectAccessReview", path))).status).toEqual({
      allowed: true,
      reason:
        'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"',
    });
    const other = review("SubjectAccessReview", {
      resourceAttributes: { verb: "list", resource: "nodes" },
      user: "system:kube-scheduler",
    });
    const scheduler = await ask("root", `${REVIEWS}/subjectaccessreviews`, other);
    expect(scheduler.status.allowed).toBe(true);
    const denied = await ask("alice", `${REVIEWS}/subjectaccessreviews`, other);
    expect(denied.code).toBe(403);
    const local = review("LocalSubjectAccessReview", { resourceAttributes: pods, user: "x" });
    const inDefault = `${REVIEWS}/namespaces/default/localsubjectaccessreviews`;
    expect((await ask("root", inDefault, local)).status).toEqual({ allowed: false });
    const elsewhere = `${REVIEWS}/namespaces/shop/localsubjectaccessreviews`;
    expect((await ask("root", elsewhere, local)).message).toContain("must match");
  });

  test("list all that one may do", async () => {
    const as = await start({ authorizationModes: ["Node", "RBAC"] });
    const rules = review("SelfSubjectRulesReview", { namespace: "default" });
    const path = `${REVIEWS}/selfsubjectrulesreviews`;
    const { status } = (await as("alice")("POST", path, rules)).json;
    expect(status.incomplete).toBe(false);
    expect(status.resourceRules).toContainEqual({
      verbs: ["create"],
      apiGroups: ["authorization.k8s.io"],
      resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
    });
    const nowhere = review("SelfSubjectRulesReview", {});
    expect((await as("alice")("POST", path, nowhere)).json.message).toBe("no namespace on request");
  });

  test("are refused where they ask nothing, or two things", async () => {
    const as = await start({});
    const path = `${REVIEWS}/subjectaccessreviews`;
    const refusal = async (spec: object, metadata?: object) =>
      (await as("root")("POST", path, review("SubjectAccessReview", spec, metadata))).json.message;
    expect(await refusal({})).toBe(
      '.authorization.k8s.io "" is invalid: [spec.resourceAttributes: Invalid value: "null": exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified]',
    );
    const both = { resourceAttributes: pods, nonResourceAttributes: { path: "/" }, user: "x" };
    expect(await refusal(both)).toContain(
      "cannot be specified in combination with resourceAttributes",
    );
  });
});
