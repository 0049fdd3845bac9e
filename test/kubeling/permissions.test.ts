/** A whole cluster under Node and RBAC, as `kubeling up` starts it: everybody may do their work, and no more. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Pod } from "../../src/api/pod.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { Secret } from "../../src/api/secret.ts";
import { ask } from "../support/api-request.ts";
import { eventually } from "../support/eventually.ts";
import { startWholeCluster, type WholeCluster } from "../support/whole-cluster.ts";

let cluster: WholeCluster;
beforeAll(async () => {
  cluster = await startWholeCluster();
});
afterAll(() => cluster.stop());

/** What somebody is answered, as the administrator who acts as them. */
function as(user: string, groups: string[] = []) {
  return async (method: string, path: string, body?: object) => {
    const response = await fetch(`${cluster.server}${path}`, {
      method,
      headers: [
        ["content-type", "application/json"],
        ["impersonate-user", user],
        ...groups.map((group): [string, string] => ["impersonate-group", group]),
      ],
      ...(body && { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came back.
    return { status: response.status, json: (await response.json()) as any };
  };
}

const node = (name: string) => as(`system:node:${name}`, ["system:nodes"]);

async function refusals(): Promise<string[]> {
  const { text } = await ask(cluster.transport, "GET", "/metrics");
  return text
    .split("\n")
    .filter((line) => line.startsWith("apiserver_request_total") && line.includes('code="403"'));
}

describe("a cluster under Node and RBAC", () => {
  test("works: pods are made, placed, run and removed, and nobody is refused anything", async () => {
    const { client } = cluster;
    await client.create(Secret, "default", { metadata: { name: "pass" } });
    await client.create(ReplicationController, "default", {
      metadata: { name: "web" },
      spec: {
        replicas: 4,
        selector: { app: "web" },
        template: {
          metadata: { labels: { app: "web" } },
          spec: {
            containers: [{ name: "web", image: "nginx" }],
            volumes: [{ name: "pass", secret: { secretName: "pass" } }],
          },
        },
      },
    });
    const pods = async () => (await client.list(Pod, { namespace: "default" })).items;
    await eventually(async () => {
      const running = (await pods()).filter(({ status }) => status?.phase === "Running");
      expect(running).toHaveLength(4);
    });
    await client.delete(Pod, "default", (await pods())[0]!.metadata.name);
    const rc = await client.get(ReplicationController, "default", "web");
    await client.update(ReplicationController, { ...rc, spec: { ...rc.spec, replicas: 0 } });
    await eventually(async () => expect(await pods()).toEqual([]));
    expect(await refusals()).toEqual([]);
  });

  test("keeps a node from what is another's", async () => {
    const pod = {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "bound" } },
      spec: {
        nodeName: "node1",
        containers: [{ name: "a", image: "a", envFrom: [{ secretRef: { name: "key" } }] }],
      },
    };
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "key" } };
    const base = "/api/v1/namespaces/default";
    await ask(cluster.transport, "POST", `${base}/secrets`, secret);
    const created = await ask(cluster.transport, "POST", `${base}/pods`, pod);
    expect(created.status, created.text).toBe(201);

    await eventually(async () => {
      expect((await node("node1")("GET", `${base}/secrets/key`)).status).toBe(200);
    });
    const other = await node("node2")("GET", `${base}/secrets/key`);
    expect(other.json.message).toBe(
      `secrets "key" is forbidden: User "system:node:node2" cannot get resource "secrets" in API group "" in the namespace "default": no relationship found between node 'node2' and this object`,
    );
    const list = await node("node1")("GET", `${base}/secrets`);
    expect(list.json.message).toContain("No Object name found");
    const remove = await node("node2")("DELETE", `${base}/pods/bound`);
    expect(remove.json.message).toBe(
      'pods "bound" is forbidden: node "node2" can only delete pods with spec.nodeName set to itself',
    );
    const { json: node1 } = await node("node2")("GET", "/api/v1/nodes/node1");
    const rename = await node("node2")("PUT", "/api/v1/nodes/node1", node1);
    expect(rename.json.message).toBe(
      'nodes "node1" is forbidden: node "node2" is not allowed to modify node "node1"',
    );
    node1.metadata.labels["node-restriction.kubernetes.io/room"] = "1";
    const label = await node("node1")("PUT", "/api/v1/nodes/node1", node1);
    expect(label.json.message).toBe(
      'nodes "node1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/room',
    );
    const lease = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node1";
    expect((await node("node2")("DELETE", lease)).json.message).toContain(
      "can only access node lease with the same name as the requesting node",
    );
  });

  test("gathers the rules of admin, edit and view", async () => {
    await eventually(async () => {
      const path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/admin";
      const { rules } = (await ask(cluster.transport, "GET", path)).json;
      const resources = (rules ?? []).flatMap((one: { resources: string[] }) => one.resources);
      expect(resources).toEqual(expect.arrayContaining(["rolebindings", "pods/exec", "pods/log"]));
    });
  });
});
