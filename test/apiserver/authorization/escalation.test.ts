import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApiServer } from "../../support/api-server.ts";
import { asUser, tokensOf } from "../../support/as-user.ts";
import { eventually } from "../../support/eventually.ts";

const GROUP = "rbac.authorization.k8s.io";
const ROLES = `/apis/${GROUP}/v1/namespaces/default/roles`;
const BINDINGS = `/apis/${GROUP}/v1/namespaces/default/rolebindings`;
const CLUSTER_ROLES = `/apis/${GROUP}/v1/clusterroles`;
const USERS = [
  { name: "owner", groups: ["owners"] },
  { name: "root", groups: ["system:masters"] },
  { name: "binder" },
];

// Not "*", which would be "bind" and "escalate" as well.
const WRITE = ["get", "list", "create", "update", "patch"];

let server: Awaited<ReturnType<typeof startTestApiServer>>;
const as = (name: string) => asUser(server.transport, name);

const role = (name: string, rules: object[], kind = "Role") => ({
  ...{ apiVersion: `${GROUP}/v1`, kind, metadata: { name }, rules },
});
const binding = (name: string, to: string, user: string) => ({
  ...{ apiVersion: `${GROUP}/v1`, kind: "RoleBinding", metadata: { name } },
  roleRef: { apiGroup: GROUP, kind: to.split("/")[0], name: to.split("/")[1] },
  subjects: [{ kind: "User", apiGroup: GROUP, name: user }],
});

beforeAll(async () => {
  server = await startTestApiServer({ authorizationModes: ["RBAC"], tokens: tokensOf(USERS) });
  const own = [
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
    { apiGroups: [GROUP], resources: ["roles", "rolebindings"], verbs: WRITE },
  ];
  const bind = [
    { apiGroups: [GROUP], resources: ["rolebindings"], verbs: ["*"] },
    { apiGroups: [GROUP], resources: ["clusterroles"], resourceNames: ["view"], verbs: ["bind"] },
  ];
  for (const [name, rules] of [
    ["owner", own],
    ["binder", bind],
  ] as const) {
    await as("root")("POST", ROLES, role(name, [...rules]));
    await as("root")("POST", BINDINGS, binding(name, `Role/${name}`, name));
  }
  for (const name of ["owner", "binder"]) {
    await eventually(async () => {
      expect((await as(name)("GET", BINDINGS)).status).toBe(200);
    });
  }
});
afterAll(() => server.stop());

describe("who may write roles", () => {
  test("hands on what they have", async () => {
    const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
    expect((await as("owner")("POST", ROLES, role("reader", rules))).status).toBe(201);
    const bound = await as("owner")("POST", BINDINGS, binding("read", "Role/reader", "x"));
    expect(bound.status, bound.text).toBe(201);
  });

  test("does not hand on what they have not, in Kubernetes' words", async () => {
    const rules = [
      { apiGroups: [""], resources: ["pods", "secrets"], verbs: ["get", "list", "delete"] },
      { apiGroups: ["apps"], resources: ["deployments"], verbs: ["*"] },
    ];
    const answer = await as("owner")("POST", ROLES, role("more", rules));
    expect(answer.json).toMatchObject({
      code: 403,
      reason: "Forbidden",
      message:
        'roles.rbac.authorization.k8s.io "more" is forbidden: user "owner" (groups=["owners" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}\n' +
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list" "delete"]}\n' +
        '{APIGroups:["apps"], Resources:["deployments"], Verbs:["*"]}',
    });
  });

  test("does not grow a role they may write", async () => {
    const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "delete"] }];
    const answer = await as("owner")("PUT", `${ROLES}/reader`, role("reader", rules));
    expect(answer.status).toBe(403);
    const label = { metadata: { labels: { a: "b" } } };
    const type = { "content-type": "application/merge-patch+json" };
    const patched = await as("owner")("PATCH", `${ROLES}/reader`, label, type);
    expect(patched.status, patched.text).toBe(200);
  });

  test("does not give a role that allows more, unless they may bind it", async () => {
    const denied = await as("owner")(
      "POST",
      BINDINGS,
      binding("big", "ClusterRole/cluster-admin", "owner"),
    );
    expect(denied.json.message).toContain(
      'rolebindings.rbac.authorization.k8s.io "big" is forbidden: user "owner"',
    );
    const allowed = await as("binder")("POST", BINDINGS, binding("v", "ClusterRole/view", "x"));
    expect(allowed.status, allowed.text).toBe(201);
    const other = await as("binder")(
      "POST",
      BINDINGS,
      binding("c", "ClusterRole/cluster-admin", "x"),
    );
    expect(other.status).toBe(403);
    const gone = await as("owner")("POST", BINDINGS, binding("g", "Role/gone", "x"));
    expect(gone.json).toMatchObject({
      code: 404,
      message: 'roles.rbac.authorization.k8s.io "gone" not found',
    });
  });

  test("may do all of it as system:masters", async () => {
    const rules = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
    const answer = await as("root")("POST", CLUSTER_ROLES, role("all", rules, "ClusterRole"));
    expect(answer.status, answer.text).toBe(201);
  });
});

describe("roles and bindings", () => {
  const root = (method: string, path: string, body: object) => as("root")(method, path, body);

  test("are refused where they make no sense", async () => {
    const refusal = async (path: string, body: object) =>
      (await root("POST", path, body)).json.message;
    expect(await refusal(ROLES, role("a", [{ verbs: [] }]))).toBe(
      'Role.rbac.authorization.k8s.io "a" is invalid: [rules[0].verbs: Required value: verbs must contain at least one value, rules[0].apiGroups: Required value: resource rules must supply at least one api group, rules[0].resources: Required value: resource rules must supply at least one resource]',
    );
    expect(await refusal(ROLES, role("b", [{ verbs: ["get"], nonResourceURLs: ["/a"] }]))).toBe(
      'Role.rbac.authorization.k8s.io "b" is invalid: rules[0].nonResourceURLs: Invalid value: []string{"/a"}: namespaced rules cannot apply to non-resource URLs',
    );
    expect(await refusal(BINDINGS, binding("c", "Pod/x", "jane"))).toBe(
      'RoleBinding.rbac.authorization.k8s.io "c" is invalid: roleRef.kind: Unsupported value: "Pod": supported values: "Role", "ClusterRole"',
    );
    const robot = { ...binding("d", "Role/x", ""), subjects: [{ kind: "Robot", name: "r" }] };
    expect(await refusal(BINDINGS, robot)).toBe(
      'RoleBinding.rbac.authorization.k8s.io "d" is invalid: subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
    );
    const gathering = { ...role("e", [], "ClusterRole"), aggregationRule: {} };
    expect(await refusal(CLUSTER_ROLES, gathering)).toContain(
      "aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil",
    );
  });

  test("may have names with colons, but none with a slash", async () => {
    expect((await root("POST", ROLES, role("system:node:x", []))).status).toBe(201);
    expect((await root("POST", ROLES, role("a/b", []))).json.message).toContain(
      "metadata.name: Invalid value: \"a/b\": may not contain '/'",
    );
  });

  test("keep the role a binding gives", async () => {
    await root("POST", BINDINGS, binding("fixed", "ClusterRole/view", "jane"));
    const answer = await root(
      "PUT",
      `${BINDINGS}/fixed`,
      binding("fixed", "ClusterRole/edit", "jane"),
    );
    expect(answer.json.message).toBe(
      'RoleBinding.rbac.authorization.k8s.io "fixed" is invalid: roleRef: Invalid value: rbac.RoleRef{APIGroup:"rbac.authorization.k8s.io", Kind:"ClusterRole", Name:"edit"}: cannot change roleRef',
    );
  });
});
