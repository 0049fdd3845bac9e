/** What students type about permissions, with the oldest and the newest kubectl, against RBAC. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApiServer } from "../../support/api-server.ts";
import { eventually } from "../../support/eventually.ts";
import { type Kubectl, oldestAndNewest, runKubectl } from "../../support/kubectl.ts";
import { describeWith } from "../../support/needs.ts";

describeWith(["kubectl"], "kubectl about permissions", () => {
  for (const kubectl of oldestAndNewest()) commandsOf(kubectl);
});

function commandsOf(kubectl: Kubectl): void {
  const version = `kubectl 1.${kubectl.minor}`;
  let server: Awaited<ReturnType<typeof startTestApiServer>>;
  let directory: string;
  const run = (...args: string[]) => runKubectl(kubectl, join(directory, "config"), args);
  const out = async (...args: string[]) => {
    const { stdout, stderr, code } = await run(...args);
    expect(code, stderr).toBe(0);
    return stdout;
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "kubectl-auth-"));
    server = await startTestApiServer({ authorizationModes: ["Node", "RBAC"] });
    const { port } = await server.listen({ address: "127.0.0.1", port: 0 });
    const cluster = { name: "test", cluster: { server: `http://127.0.0.1:${port}` } };
    const config = {
      ...{ apiVersion: "v1", kind: "Config", clusters: [cluster], "current-context": "test" },
      contexts: [{ name: "test", context: { cluster: "test", user: "" } }],
    };
    writeFileSync(join(directory, "config"), JSON.stringify(config));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test(`${version} creates roles and bindings from its arguments`, async () => {
    expect(
      await out("create", "role", "reader", "--verb=get,list,watch", "--resource=pods,pods/log"),
    ).toBe("role.rbac.authorization.k8s.io/reader created\n");
    expect(await out("create", "clusterrole", "nodes", "--verb=get", "--resource=nodes")).toBe(
      "clusterrole.rbac.authorization.k8s.io/nodes created\n",
    );
    await out("create", "clusterrole", "urls", "--verb=get", "--non-resource-url=/logs/*");
    const rule = "--aggregation-rule=rbac.example.com/aggregate=true";
    await out("create", "clusterrole", "gathering", rule);
    expect(
      await out("create", "rolebinding", "read", "--role=reader", "--user=jane", "--group=team"),
    ).toBe("rolebinding.rbac.authorization.k8s.io/read created\n");
    await out("create", "rolebinding", "robot", "--clusterrole=view", "--serviceaccount=default:r");
    await out("create", "clusterrolebinding", "nodes", "--clusterrole=nodes", "--user=jane");
    const wide = await out("get", "rolebindings", "-o", "wide");
    expect(wide).toMatch(/read +Role\/reader +\S+ +jane +team/);
    expect(wide).toMatch(/robot +ClusterRole\/view +\S+ +default\/r/);
    expect(await out("get", "roles")).toMatch(/NAME +CREATED AT\nreader +2014-06-06T00:00:00Z/);
    expect(await out("describe", "role", "reader")).toMatch(
      /pods\/log +\[\] +\[\] +\[get list watch\]/,
    );
  });

  test(`${version} asks whether somebody may`, async () => {
    await eventually(async () => {
      const answer = await run("auth", "can-i", "list", "pods", "--as=jane");
      expect(answer.stdout).toBe("yes\n");
    });
    const no = await run("auth", "can-i", "delete", "pods", "--as=jane");
    expect([no.stdout.split(" ")[0]!.trim(), no.code]).toEqual(["no", 1]);
    expect((await run("auth", "can-i", "get", "pods", "-n", "shop", "--as=jane")).code).toBe(1);
    expect(await out("auth", "can-i", "get", "pods/log", "--as=jane")).toBe("yes\n");
    expect(await out("auth", "can-i", "get", "/api", "--as=jane")).toBe("yes\n");
    expect(await out("auth", "can-i", "*", "*", "--all-namespaces")).toBe("yes\n");
    const team = ["--as=somebody", "--as-group=team"];
    expect(await out("auth", "can-i", "watch", "pods", ...team)).toBe("yes\n");
  });

  test(`${version} lists what somebody may`, async () => {
    const list = await out("auth", "can-i", "--list", "--as=jane");
    expect(list).toMatch(/pods\/log +\[\] +\[\] +\[get list watch\]/);
    expect(list).toMatch(/nodes +\[\] +\[\] +\[get\]/);
    expect(list).toMatch(/\[\/healthz\] +\[\] +\[get\]/);
  });

  test(`${version} is told what is forbidden`, async () => {
    const { stderr, code } = await run("get", "secrets", "--as=jane");
    expect(code).toBe(1);
    expect(stderr).toBe(
      'Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "default"\n',
    );
    expect(await out("get", "pods", "--as=jane")).toBe("");
  });

  test(`${version} reconciles roles with a file`, async () => {
    const file = join(directory, "role.yaml");
    const role = (verbs: string) => `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: kept, namespace: default}
rules: [{apiGroups: [""], resources: [pods], verbs: [${verbs}]}]
`;
    writeFileSync(file, role("get"));
    expect(await out("auth", "reconcile", "-f", file)).toContain("kept");
    writeFileSync(file, role("list"));
    expect(await out("auth", "reconcile", "-f", file)).toContain("kept");
    const verbs = await out("get", "role", "kept", "-o", "jsonpath={.rules[*].verbs[*]}");
    expect(verbs.split(" ").toSorted()).toEqual(["get", "list"]);
  });

  test(`${version} does not change the role of a binding`, async () => {
    const patch = '{"roleRef":{"name":"other"}}';
    const { stderr } = await run("patch", "rolebinding", "read", "-p", patch);
    expect(stderr).toContain("cannot change roleRef");
  });
}
