import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { asUser, tokensOf } from "../../support/as-user.ts";
import { eventually } from "../../support/eventually.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const USERS = [
  { name: "jane" },
  { name: "admin", groups: ["system:masters"] },
  { name: "dev", groups: ["developers"] },
  { name: "system:serviceaccount:default:robot" },
  { name: "teacher" },
];

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer({ authorizationModes: ["RBAC"], tokens: tokensOf(USERS) });
});
afterAll(() => server.stop());

const as = (name: string) => asUser(server.transport, name);

function role(name: string, rules: object[], kind = "Role") {
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind, metadata: { name }, rules };
}

function binding(name: string, roleRef: string, subjects: object[], kind = "RoleBinding") {
  const [roleKind, roleName] = roleRef.split("/");
  const group = "rbac.authorization.k8s.io";
  return {
    ...{ apiVersion: `${group}/v1`, kind, metadata: { name }, subjects },
    roleRef: { apiGroup: group, kind: roleKind, name: roleName },
  };
}

async function create(path: string, body: object) {
  const answer = await as("admin")("POST", `${RBAC}/${path}`, body);
  expect(answer.status, answer.text).toBe(201);
}

describe("RBAC", () => {
  test("forbids what no role allows, in Kubernetes' words", async () => {
    const pods = await as("jane")("GET", "/api/v1/namespaces/default/pods");
    expect(pods.json).toMatchObject({
      code: 403,
      reason: "Forbidden",
      message:
        'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
      details: { kind: "pods" },
    });
    const node = await as("jane")("DELETE", "/api/v1/nodes/node1");
    expect(node.json.message).toBe(
      'nodes "node1" is forbidden: User "jane" cannot delete resource "nodes" in API group "" at the cluster scope',
    );
    const role = await as("jane")("GET", `${RBAC}/namespaces/shop/roles/x`);
    expect(role.json.message).toBe(
      'roles.rbac.authorization.k8s.io "x" is forbidden: User "jane" cannot get resource "roles" in API group "rbac.authorization.k8s.io" in the namespace "shop"',
    );
    const metrics = await as("jane")("GET", "/metrics");
    expect(metrics.json.message).toBe('forbidden: User "jane" cannot get path "/metrics"');
  });

  test("lets everybody who has said who they are see what is served", async () => {
    for (const path of ["/version", "/api", "/apis/apps/v1", "/openapi/v2", "/healthz"]) {
      expect((await as("jane")("GET", path)).status, path).not.toBe(403);
    }
  });

  test("allows in one namespace what a role there allows", async () => {
    const rules = [{ apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"] }];
    await create("namespaces/default/roles", role("reader", rules));
    const subjects = [{ kind: "User", name: "jane" }];
    await create("namespaces/default/rolebindings", binding("read", "Role/reader", subjects));
    await eventually(async () => {
      expect((await as("jane")("GET", "/api/v1/namespaces/default/pods")).status).toBe(200);
    });
    expect((await as("jane")("GET", "/api/v1/namespaces/kube-system/pods")).status).toBe(403);
    expect((await as("jane")("GET", "/api/v1/pods")).status).toBe(403);
    expect((await as("jane")("GET", "/api/v1/namespaces/default/pods/x")).status).toBe(404);
    expect((await as("jane")("GET", "/api/v1/namespaces/default/pods/x/log")).status).toBe(404);
    expect((await as("jane")("DELETE", "/api/v1/namespaces/default/pods/x")).status).toBe(403);
    expect((await as("jane")("GET", "/api/v1/namespaces/default/pods/x/exec")).status).toBe(403);
  });

  test("takes it away with the binding", async () => {
    const path = "namespaces/default/rolebindings";
    const subjects = [{ kind: "User", name: "teacher" }];
    await create(path, binding("for-a-while", "ClusterRole/view", subjects));
    const list = () => as("teacher")("GET", "/api/v1/namespaces/default/services");
    const gathered = [{ apiGroups: [""], resources: ["services"], verbs: ["list"] }];
    const body = { rules: gathered };
    const type = { "content-type": "application/merge-patch+json" };
    await as("admin")("PATCH", `${RBAC}/clusterroles/view`, body, type);
    await eventually(async () => expect((await list()).status).toBe(200));
    await as("admin")("DELETE", `${RBAC}/${path}/for-a-while`);
    await eventually(async () => expect((await list()).status).toBe(403));
  });

  test("knows groups, service accounts, names and wildcards", async () => {
    const rules = [
      { apiGroups: [""], resources: ["configmaps"], resourceNames: ["mine"], verbs: ["*"] },
      { nonResourceURLs: ["/metrics", "/debug/*"], verbs: ["get"] },
      { apiGroups: ["*"], resources: ["*/scale"], verbs: ["get"] },
    ];
    await create("clusterroles", role("mixed", rules, "ClusterRole"));
    const subjects = [
      { kind: "Group", name: "developers" },
      { kind: "ServiceAccount", name: "robot", namespace: "default" },
    ];
    const all = binding("mixed", "ClusterRole/mixed", subjects, "ClusterRoleBinding");
    await create("clusterrolebindings", all);
    for (const name of ["dev", "system:serviceaccount:default:robot"]) {
      const get = (path: string) => as(name)("GET", path).then(({ status }) => status);
      await eventually(async () => expect(await get("/metrics")).toBe(200));
      expect(await get("/api/v1/namespaces/default/configmaps/mine")).toBe(404);
      expect(await get("/api/v1/namespaces/default/configmaps/other")).toBe(403);
      expect(await get("/api/v1/namespaces/default/configmaps")).toBe(403);
      const one = "/api/v1/namespaces/default/configmaps?fieldSelector=metadata.name%3Dmine";
      expect(await get(one)).toBe(200);
      expect(await get("/api/v1/namespaces/default/replicationcontrollers/x/scale")).toBe(404);
      expect(await get("/api/v1/namespaces/default/replicationcontrollers/x")).toBe(403);
      expect(await get("/debug/flags/v")).not.toBe(403);
    }
  });

  test("says which role is missing", async () => {
    const subjects = [{ kind: "User", name: "jane" }];
    await create("namespaces/kube-public/rolebindings", binding("lost", "Role/gone", subjects));
    await eventually(async () => {
      const answer = await as("jane")("GET", "/api/v1/namespaces/kube-public/secrets");
      expect(answer.json.message).toBe(
        'secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "kube-public": RBAC: role.rbac.authorization.k8s.io "gone" not found',
      );
    });
  });

  test("asks nothing of who is of system:masters", async () => {
    const answer = await as("admin")("GET", "/api/v1/secrets");
    expect(answer.status).toBe(200);
  });
});

describe("the default policy", () => {
  test("is there from the start, marked as the system's", async () => {
    const roles = (await as("admin")("GET", `${RBAC}/clusterroles`)).json.items;
    const names = roles.map((one: { metadata: { name: string } }) => one.metadata.name);
    for (const name of ["cluster-admin", "admin", "edit", "view", "system:node"]) {
      expect(names).toContain(name);
    }
    expect(names).toContain("system:controller:replicaset-controller");
    const { metadata, aggregationRule } = (await as("admin")("GET", `${RBAC}/clusterroles/edit`))
      .json;
    expect(metadata.labels).toEqual({
      "kubernetes.io/bootstrapping": "rbac-defaults",
      "rbac.authorization.k8s.io/aggregate-to-admin": "true",
    });
    expect(metadata.annotations).toEqual({
      "rbac.authorization.kubernetes.io/autoupdate": "true",
    });
    expect(aggregationRule.clusterRoleSelectors).toEqual([
      { matchLabels: { "rbac.authorization.k8s.io/aggregate-to-edit": "true" } },
    ]);
  });

  test("gives nothing to anonymous but health and version", async () => {
    const anonymous = {
      "impersonate-user": "system:anonymous",
      "impersonate-group": "system:unauthenticated",
    };
    const get = (path: string) => as("admin")("GET", path, undefined, anonymous);
    expect((await get("/version")).status).toBe(200);
    expect((await get("/healthz")).status).toBe(200);
    expect((await get("/api/v1/pods")).json.message).toBe(
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
    );
    expect((await get("/apis")).json.message).toBe(
      'forbidden: User "system:anonymous" cannot get path "/apis"',
    );
  });

  test("is mended at a start, but what was added stays, and what is not to be touched is left", async () => {
    const first = await startTestApiServer({ authorizationModes: ["RBAC"] });
    const type = { "content-type": "application/merge-patch+json" };
    const patch = (path: string, body: object) =>
      ask(first.transport, "PATCH", `${RBAC}/${path}`, body, type);
    const added = { apiGroups: ["x"], resources: ["y"], verbs: ["get"] };
    await patch("clusterroles/system:basic-user", { rules: [added] });
    const subject = { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "jane" };
    await patch("clusterrolebindings/cluster-admin", { subjects: [subject] });
    await patch("clusterroles/system:discovery", {
      metadata: { annotations: { "rbac.authorization.kubernetes.io/autoupdate": "false" } },
      rules: [],
    });
    const again = await startTestApiServer({ authorizationModes: ["RBAC"], store: first.store });
    const read = async (path: string) =>
      (await ask(again.transport, "GET", `${RBAC}/${path}`)).json;
    const { rules } = await read("clusterroles/system:basic-user");
    expect(rules[0]).toEqual(added);
    expect(rules.length).toBeGreaterThan(1);
    const { subjects } = await read("clusterrolebindings/cluster-admin");
    expect(subjects.map((one: { name: string }) => one.name)).toEqual(["jane", "system:masters"]);
    expect((await read("clusterroles/system:discovery")).rules ?? []).toEqual([]);
    await again.stop();
    await first.stop();
  });
});
