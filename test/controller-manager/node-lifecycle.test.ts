import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Event } from "../../src/api/event.ts";
import { Lease } from "../../src/api/lease.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Node } from "../../src/api/node.ts";
import { Pod } from "../../src/api/pod.ts";
import type { ComponentContext } from "../../src/client/control-loop.ts";
import { runController } from "../../src/client/control-loop.ts";
import { toApiMicroTime, toApiTime } from "../../src/component/clock.ts";
import { nodeLifecycleController } from "../../src/controller-manager/node-lifecycle.ts";
import { taintEvictionController } from "../../src/controller-manager/taint-eviction.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";

let cluster: Cluster;
let podEvictionTimeoutMs = 0;

const startLifecycle = (context: ComponentContext) =>
  runController(nodeLifecycleController(context.clock), context);
const startEviction = (context: ComponentContext) =>
  runController(taintEvictionController(context.clock, { podEvictionTimeoutMs }), context);

async function start() {
  cluster = await startCluster({ controllers: [startLifecycle, startEviction] });
  const { items } = await cluster.client.list(Namespace);
  if (!items.some(({ metadata }) => metadata.name === "kube-node-lease")) {
    await cluster.client.create(Namespace, "", { metadata: { name: "kube-node-lease" }, spec: {} });
  }
}

beforeEach(async () => {
  podEvictionTimeoutMs = 0;
  await start();
});
afterEach(() => cluster.stop());

describe("a node", () => {
  test("that stops reporting is Unknown after 40 seconds, and unreachable", async () => {
    await join("node1");
    await join("node2");
    await alive(["node2"], 35_000);
    expect(readyOf(await get("node1"))?.status).toBe("True");

    await alive(["node2"], 10_000);
    const node = await get("node1");
    for (const type of ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"]) {
      const condition = node.status!.conditions!.find((one) => one.type === type)!;
      expect(condition.status).toBe("Unknown");
      if (type !== "Ready") continue;
      expect(condition.reason).toBe("NodeStatusUnknown");
      expect(condition.message).toBe("Kubelet stopped posting node status.");
    }
    expect(taintsOf(node)).toEqual([
      "node.kubernetes.io/unreachable:NoExecute",
      "node.kubernetes.io/unreachable:NoSchedule",
    ]);
    expect(await told("Node")).toContain("NodeNotReady: Node node1 status is now: NodeNotReady");
    expect(readyOf(await get("node2"))?.status).toBe("True");
  });

  test("that renews its Lease is alive, though its status is old", async () => {
    await join("node1");
    await join("node2");
    for (let ms = 0; ms < 300_000; ms += 10_000) {
      await renew("node1");
      await report("node2");
      await cluster.pass(10_000);
    }
    expect(readyOf(await get("node1"))?.status).toBe("True");
  });

  test("whose clock is wrong by hours is alive", async () => {
    await join("node1");
    await join("node2");
    for (let seconds = 0; seconds < 120; seconds += 10) {
      await renew(
        "node1",
        `2001-01-01T00:${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}.000000Z`,
      );
      await report("node2");
      await cluster.pass(10_000);
    }
    expect(readyOf(await get("node1"))?.status).toBe("True");
  });

  test("that never reported gets a minute", async () => {
    await join("node2");
    await cluster.client.create(Node, "", { metadata: { name: "mute" }, spec: {} });
    await alive(["node2"], 50_000);
    expect(readyOf(await get("mute"))).toBeUndefined();
    await alive(["node2"], 20_000);
    expect(readyOf(await get("mute"))).toMatchObject({
      status: "Unknown",
      reason: "NodeStatusNeverUpdated",
      message: "Kubelet never posted node status.",
    });
  });

  test("that comes back loses its taints, and not those of others", async () => {
    await join("node1");
    await join("node2");
    const own = { key: "example.com/gpu", effect: "NoSchedule" };
    await cluster.client.patch(Node, "", "node1", { spec: { taints: [own] } }, { type: "merge" });
    await alive(["node2"], 60_000);
    expect(taintsOf(await get("node1"))).toHaveLength(3);

    await report("node1");
    await cluster.settle();
    expect(taintsOf(await get("node1"))).toEqual(["example.com/gpu:NoSchedule"]);
  });

  test("that says it is not ready, or is cordoned, takes no new pods", async () => {
    await join("node1");
    await join("node2");
    await report("node1", "False");
    await cluster.settle();
    expect(taintsOf(await get("node1"))).toEqual([
      "node.kubernetes.io/not-ready:NoExecute",
      "node.kubernetes.io/not-ready:NoSchedule",
    ]);
    await cluster.client.patch(Node, "", "node2", { spec: { unschedulable: true } });
    await cluster.settle();
    expect(taintsOf(await get("node2"))).toEqual(["node.kubernetes.io/unschedulable:NoSchedule"]);
  });

  test("is not emptied when all of them seem dead", async () => {
    await join("node1");
    await join("node2");
    await createPod("web", "node1", 300);
    await cluster.pass(600_000);

    expect(readyOf(await get("node1"))?.status).toBe("Unknown");
    expect(taintsOf(await get("node1"))).toEqual(["node.kubernetes.io/unreachable:NoSchedule"]);
    await cluster.client.get(Pod, "default", "web");
  });

  test("is Unknown at once after the clock has moved by hours, and well again when it reports", async () => {
    await join("node1");
    await join("node2");
    cluster.clock.advance(6 * 3_600_000);
    await cluster.settle();
    expect(readyOf(await get("node1"))?.status).toBe("Unknown");
    for (const name of ["node1", "node2"]) {
      await report(name);
      await cluster.settle();
    }
    expect(readyOf(await get("node1"))?.status).toBe("True");
    expect(taintsOf(await get("node1"))).toEqual([]);
  });
});

describe("a pod on a node that is silent", () => {
  beforeEach(async () => {
    await join("node1");
    await join("node2");
  });

  test("is not ready any more, so that no service sends to it", async () => {
    await createPod("web", "node1", 300);
    await alive(["node2"], 45_000);

    const { status } = await cluster.client.get(Pod, "default", "web");
    expect(status?.conditions?.find(({ type }) => type === "Ready")?.status).toBe("False");
    expect(await told("Pod")).toEqual(["NodeNotReady: Node is not ready"]);
  });

  test("is not contradicted when its kubelet calls it ready all the same", async () => {
    await createPod("web", "node1", 300);
    await alive(["node2"], 45_000);
    const pod = await cluster.client.get(Pod, "default", "web");
    const conditions = [{ type: "Ready", status: "True" }];
    await cluster.client.updateStatus(Pod, { ...pod, status: { phase: "Running", conditions } });
    await cluster.settle();

    const { status } = await cluster.client.get(Pod, "default", "web");
    expect(status?.conditions?.find(({ type }) => type === "Ready")?.status).toBe("True");
  });

  test("is deleted after the time it tolerates, with the reason in its status", async () => {
    await createPod("web", "node1", 300);
    await alive(["node2"], 330_000);
    expect(
      (await cluster.client.get(Pod, "default", "web")).metadata.deletionTimestamp,
    ).toBeUndefined();

    await alive(["node2"], 30_000);
    const pod = await cluster.client.get(Pod, "default", "web");
    expect(pod.metadata.deletionTimestamp).toBeDefined();
    expect(pod.status?.conditions).toContainEqual(
      expect.objectContaining({
        type: "DisruptionTarget",
        reason: "DeletionByTaintManager",
        message: "Taint manager: deleting due to NoExecute taint",
      }),
    );
    expect(await told("Pod")).toContain(
      "TaintManagerEviction: Marking for deletion Pod default/web",
    );
  });

  test("stays when the node comes back in time", async () => {
    await createPod("web", "node1", 300);
    await alive(["node2"], 200_000);
    await report("node1");
    await cluster.settle();
    await alive(["node1", "node2"], 400_000);

    expect(
      (await cluster.client.get(Pod, "default", "web")).metadata.deletionTimestamp,
    ).toBeUndefined();
    expect(await told("Pod")).toContain(
      "TaintManagerEviction: Cancelling deletion of Pod default/web",
    );
  });

  test("stays for ever if it tolerates that without a time", async () => {
    await createPod("daemon", "node1");
    await alive(["node2"], 1_000_000);
    expect(
      (await cluster.client.get(Pod, "default", "daemon")).metadata.deletionTimestamp,
    ).toBeUndefined();
  });

  test("is deleted though every write meets a conflict first", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await createPod("web", "node1", 10);
    await alive(["node2"], 90_000);
    expect(
      (await cluster.client.get(Pod, "default", "web")).metadata.deletionTimestamp,
    ).toBeDefined();
  });
});

const CONDITIONS = ["MemoryPressure", "DiskPressure", "PIDPressure"];

async function join(name: string) {
  await cluster.client.create(Node, "", { metadata: { name }, spec: {} });
  await report(name);
  await cluster.settle();
}

/** What a kubelet does: posts its status. */
async function report(name: string, ready: "True" | "False" = "True") {
  const now = toApiTime(cluster.clock.now());
  const node = await get(name);
  const times = { lastHeartbeatTime: now, lastTransitionTime: now };
  const conditions = [
    ...CONDITIONS.map((type) => ({ type, status: "False", ...times })),
    { type: "Ready", status: ready, ...times },
  ];
  await cluster.client.updateStatus(Node, { ...node, status: { ...node.status, conditions } });
}

async function renew(name: string, renewTime = toApiMicroTime(cluster.clock.now())) {
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime };
  const { items } = await cluster.client.list(Lease, { namespace: "kube-node-lease" });
  const old = items.find(({ metadata }) => metadata.name === name);
  if (old)
    await cluster.client.update(Lease, {
      ...old,
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      spec,
    });
  else await cluster.client.create(Lease, "kube-node-lease", { metadata: { name }, spec });
}

/** Time passes while these nodes report. */
async function alive(names: string[], ms: number) {
  for (let left = ms; left > 0; left -= 10_000) {
    for (const name of names) await report(name);
    await cluster.pass(Math.min(10_000, left));
  }
}

async function createPod(name: string, nodeName: string, tolerationSeconds?: number) {
  const tolerations = ["not-ready", "unreachable"].map((key) => ({
    key: `node.kubernetes.io/${key}`,
    operator: "Exists" as const,
    effect: "NoExecute" as const,
    ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
  }));
  const spec = { nodeName, tolerations, containers: [{ name: "main", image: "nginx" }] };
  const pod = await cluster.client.create(Pod, "default", { metadata: { name }, spec });
  const conditions = [{ type: "Ready", status: "True" }];
  await cluster.client.updateStatus(Pod, { ...pod, status: { phase: "Running", conditions } });
  await cluster.settle();
}

const get = (name: string) => cluster.client.get(Node, "", name);
const readyOf = ({ status }: Node) => status?.conditions?.find(({ type }) => type === "Ready");
const taintsOf = ({ spec }: Node) =>
  (spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort();

async function told(kind: string): Promise<string[]> {
  const { items } = await cluster.client.list(Event);
  return items
    .filter(({ involvedObject }) => involvedObject.kind === kind)
    .map(({ reason, message }) => `${reason}: ${message}`);
}
