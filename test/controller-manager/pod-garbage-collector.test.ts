import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Node } from "../../src/api/node.ts";
import { Pod } from "../../src/api/pod.ts";
import { startPodGarbageCollector } from "../../src/controller-manager/pod-garbage-collector.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";

let cluster: Cluster;
beforeEach(async () => {
  const start = (context: Parameters<typeof startPodGarbageCollector>[0]) =>
    startPodGarbageCollector(context, { terminatedPodThreshold: 3 });
  cluster = await startCluster({ controllers: [start] });
  await cluster.client.create(Node, "", { metadata: { name: "node1" }, spec: {} });
});
afterEach(() => cluster.stop());

describe("the pod garbage collector", () => {
  test("removes the pods of a node that has been gone for 40 seconds, not before", async () => {
    await create("lost", "node1");
    await cluster.settle();
    await cluster.client.delete(Node, "", "node1");
    await cluster.pass(40_000);
    expect(await names()).toEqual(["lost"]);

    await cluster.pass(30_000);
    expect(await names()).toEqual([]);
  });

  test("spares them when the node comes back in time", async () => {
    await create("lucky", "node1");
    await cluster.settle();
    await cluster.client.delete(Node, "", "node1");
    await cluster.pass(30_000);
    await cluster.client.create(Node, "", { metadata: { name: "node1" }, spec: {} });
    await cluster.pass(120_000);

    expect(await names()).toEqual(["lucky"]);
  });

  test("says of a lost pod that it has failed, and why", async () => {
    await create("lost", "node2");
    cluster.network.fault = ({ method, path }) =>
      method === "DELETE" && path.includes("/pods/") ? new Error("not now") : undefined;
    await cluster.pass(70_000);

    const { status } = await cluster.client.get(Pod, "default", "lost");
    expect(status?.phase).toBe("Failed");
    expect(status?.conditions).toMatchObject([
      {
        type: "DisruptionTarget",
        status: "True",
        reason: "DeletionByPodGC",
        message: "PodGC: node no longer exists",
      },
    ]);
  });

  test("says that a pod has failed that was deleted before it had a node, and waits for its job to count it", async () => {
    const finalizers = ["batch.kubernetes.io/job-tracking"];
    const spec = { containers: [{ name: "main", image: "nginx" }] };
    await cluster.client.create(Pod, "default", {
      metadata: { name: "waiting", finalizers },
      spec,
    });
    await cluster.client.delete(Pod, "default", "waiting");
    await cluster.pass(25_000);

    const { status, metadata } = await cluster.client.get(Pod, "default", "waiting");
    expect(status?.phase).toBe("Failed");
    expect(status?.conditions).toBeUndefined();
    expect(metadata.deletionTimestamp).toBeDefined();
  });

  test("removes the oldest of too many pods that have ended", async () => {
    for (const name of ["a", "b", "c", "d", "e"]) {
      const pod = await create(name, "node1");
      await cluster.client.updateStatus(Pod, { ...pod, status: { phase: "Succeeded" } });
      cluster.clock.advance(1_000);
    }
    await create("running", "node1");
    await cluster.pass(25_000);

    expect(await names()).toEqual(["c", "d", "e", "running"]);
  });
});

function create(name: string, nodeName: string) {
  const spec = { nodeName, containers: [{ name: "main", image: "nginx" }] };
  return cluster.client.create(Pod, "default", { metadata: { name }, spec });
}

async function names(): Promise<string[]> {
  const { items } = await cluster.client.list(Pod);
  return items.map(({ metadata }) => metadata.name).sort();
}
