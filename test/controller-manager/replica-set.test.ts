import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ReplicaSet, type ReplicaSetSpec } from "../../src/api/apps/replica-set.ts";
import { Event } from "../../src/api/event.ts";
import { controllerOf } from "../../src/api/owner.ts";
import { Pod } from "../../src/api/pod.ts";
import { isPodActive } from "../../src/api/pod-status.ts";
import { replicaSetController } from "../../src/controller-manager/replica-set.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";

let cluster: Cluster;
beforeEach(async () => {
  cluster = await startCluster({ controllers: [replicaSetController] });
});
afterEach(() => cluster.stop());

describe("a ReplicaSet", () => {
  test("creates the pods it asks for, and tells of each", async () => {
    await create("web", { replicas: 3 });
    await cluster.settle();

    const pods = await podsOf("web");
    expect(pods).toHaveLength(3);
    const { items } = await cluster.client.list(Event, { namespace: "default" });
    const source = { component: "replicaset-controller" };
    const told = items.map(({ reason, message, source: by }) => [reason, message, by]);
    const wanted = pods.map(({ metadata }) => [
      "SuccessfulCreate",
      `Created pod: ${metadata.name}`,
      source,
    ]);
    expect(told.sort()).toEqual(wanted.sort());
    expect((await get("web")).status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      observedGeneration: 1,
    });
  });

  test("selects by expressions too", async () => {
    const matchExpressions = [{ key: "app", operator: "In", values: ["web", "site"] }];
    await cluster.client.create(Pod, "default", pod("stray", { app: "site" }));
    await create("web", { replicas: 2, selector: { matchExpressions } });
    await cluster.settle();

    expect((await podsOf("web")).map(({ metadata }) => metadata.name)).toContain("stray");
    expect(await podsOf("web")).toHaveLength(2);
  });

  test("takes a pod away from the node where its Deployment has most", async () => {
    const owner = ownerNamed("deployment");
    await create("old", { replicas: 2, selector: { matchLabels: { app: "old" } } }, owner);
    await create("new", { replicas: 2, selector: { matchLabels: { app: "new" } } }, owner);
    await cluster.settle();
    const [a, b] = await podsOf("new");
    await place(a!, "crowded");
    await place(b!, "empty");
    for (const one of await podsOf("old")) await place(one, "crowded");
    await scale("new", 1);
    await cluster.settle();

    expect((await podsOf("new")).map(({ spec }) => spec.nodeName)).toEqual(["empty"]);
  });

  test("takes away first what costs least", async () => {
    await create("web", { replicas: 3 });
    await cluster.settle();
    const [cheap, ...dear] = await podsOf("web");
    for (const [one, cost] of [[cheap!, "-5"], ...dear.map((one) => [one, "5"])] as [
      Pod,
      string,
    ][]) {
      const annotations = { "controller.kubernetes.io/pod-deletion-cost": cost };
      await cluster.client.patch(Pod, "default", one.metadata.name, { metadata: { annotations } });
    }
    await scale("web", 2);
    await cluster.settle();

    expect((await podsOf("web")).map(({ metadata }) => metadata.name).sort()).toEqual(
      dear.map(({ metadata }) => metadata.name).sort(),
    );
  });

  test("that is deleted and made again with the same name makes pods of its own", async () => {
    await create("web", { replicas: 1 });
    await cluster.settle();
    const [old] = await podsOf("web");
    await cluster.client.delete(ReplicaSet, "default", "web");
    await create("web", { replicas: 1 });
    await cluster.settle();

    const uid = (await get("web")).metadata.uid;
    const [own, ...others] = (await podsOf("web")).filter((one) => controllerOf(one)?.uid === uid);
    expect(others).toEqual([]);
    expect(own!.metadata.uid).not.toBe(old!.metadata.uid);
  });

  test("gets there though every write meets a conflict and its watches are cut", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await create("web", { replicas: 3 });
    await cluster.settle();
    cluster.network.cutWatches();
    await scale("web", 1);
    await cluster.settle();

    expect(await podsOf("web")).toHaveLength(1);
    expect((await get("web")).status).toMatchObject({ replicas: 1 });
  });
});

const get = (name: string) => cluster.client.get(ReplicaSet, "default", name);
const scale = (name: string, replicas: number) =>
  cluster.client.patch(ReplicaSet, "default", name, { spec: { replicas } });

function create(name: string, spec: Partial<ReplicaSetSpec>, metadata: object = {}) {
  const labels = spec.selector?.matchLabels ?? { app: "web" };
  return cluster.client.create(ReplicaSet, "default", {
    metadata: { name, ...metadata },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "a", image: "b" }] } },
      ...spec,
    },
  });
}

async function podsOf(name: string): Promise<Pod[]> {
  const { items } = await cluster.client.list(Pod);
  return items.filter((one) => controllerOf(one)?.name === name && isPodActive(one));
}

async function place({ metadata }: Pod, node: string): Promise<void> {
  const target = { apiVersion: "v1", kind: "Node", name: node };
  const binding = { apiVersion: "v1", kind: "Binding", metadata: { name: metadata.name }, target };
  await cluster.client.createSubresource(Pod, "default", metadata.name, "binding", binding);
  const fresh = await cluster.client.get(Pod, "default", metadata.name);
  await cluster.client.updateStatus(Pod, { ...fresh, status: { phase: "Running" } });
}

function ownerNamed(name: string): object {
  const owner = { apiVersion: "apps/v1", kind: "Deployment", name, uid: "a-uid", controller: true };
  return { ownerReferences: [owner] };
}

function pod(name: string, labels: Record<string, string>) {
  return { metadata: { name, labels }, spec: { containers: [{ name: "a", image: "b" }] } };
}
