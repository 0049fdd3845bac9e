import { countBy } from "lodash-es";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Pod } from "../../src/api/pod.ts";
import { Client } from "../../src/client/client.ts";
import { createInformers } from "../../src/client/informer.ts";
import { silentLog } from "../../src/component/log.ts";
import { seededRandom } from "../../src/component/random.ts";
import {
  type RunningScheduler,
  type SchedulerOptions,
  startScheduler,
} from "../../src/scheduler/scheduler.ts";
import { TestClock } from "../support/test-clock.ts";
import { BindingServer, status } from "./binding-server.ts";
import { aNode, aPod, type NodeWishes, type PodWishes } from "./made-up-cluster.ts";

let server: BindingServer;
let clock: TestClock;
let lifetime: AbortController;
let scheduler: RunningScheduler;

beforeEach(() => {
  server = new BindingServer();
  clock = new TestClock();
});
afterEach(() => lifetime.abort());

async function start(options: SchedulerOptions = {}): Promise<void> {
  lifetime = new AbortController();
  const client = new Client(server.transport);
  const { signal } = lifetime;
  const context = { client, clock, random: seededRandom(1), log: silentLog, signal };
  scheduler = await startScheduler({ ...context, informers: createInformers(context) }, options);
  await settle();
}

/** Lets everything that is on its way arrive. */
async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 5; ) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = scheduler.idle ? quiet + 1 : 0;
  }
}

function putNode(name: string, wishes?: NodeWishes) {
  server.put(`/api/v1/nodes/${name}`, aNode(name, wishes));
}

function putPod(name: string, wishes?: PodWishes) {
  server.put(`/api/v1/namespaces/default/pods/${name}`, aPod(name, wishes));
}

function deletePod(name: string) {
  server.delete(`/api/v1/namespaces/default/pods/${name}`);
}

function conditionOf(pod: Pod | undefined) {
  return pod?.status?.conditions?.find(({ type }) => type === "PodScheduled");
}

describe("the scheduler", () => {
  test("binds a pod to a node and says so", async () => {
    putNode("node1");
    await start();
    putPod("web");
    await settle();

    expect(server.pod("web")?.spec.nodeName).toBe("node1");
    expect(server.eventsOf("web")).toEqual([
      "Normal Scheduled: Successfully assigned default/web to node1",
    ]);
  });

  test("looks after pods that were there before it", async () => {
    putNode("node1");
    putPod("web");
    await start();
    expect(server.pod("web")?.spec.nodeName).toBe("node1");
  });

  test("says why a pod fits on no node, in an event and in its condition", async () => {
    putNode("node1", { cpu: "1" });
    putNode("node2", { taints: [{ key: "k", value: "v", effect: "NoSchedule" }] });
    await start();
    putPod("big", { requests: { cpu: "2" } });
    await settle();

    const sentence =
      "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {k: v}. " +
      "preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, " +
      "1 Preemption is not helpful for scheduling.";
    expect(server.eventsOf("big")).toEqual([`Warning FailedScheduling: ${sentence}`]);
    expect(conditionOf(server.pod("big"))).toEqual({
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message: sentence,
      lastTransitionTime: "2014-06-06T00:00:00Z",
    });
  });

  test("says that there are no nodes, and places the pod when one comes", async () => {
    await start();
    putPod("web");
    await settle();
    expect(server.eventsOf("web")).toEqual([
      "Warning FailedScheduling: no nodes available to schedule pods",
    ]);

    putNode("node1");
    await settle();
    expect(server.pod("web")?.spec.nodeName).toBeUndefined();
    clock.advance(1_000);
    await settle();
    expect(server.pod("web")?.spec.nodeName).toBe("node1");
  });

  test.each<[string, () => void]>([
    ["a pod goes", () => deletePod("first")],
    [
      "a pod ends",
      () => {
        const first = server.pod("first")!;
        const ended = { ...first, status: { phase: "Succeeded" } };
        server.put("/api/v1/namespaces/default/pods/first", ended);
      },
    ],
    ["the node grows", () => putNode("node1", { cpu: "2" })],
  ])("places a waiting pod when %s", async (_, change) => {
    putNode("node1", { cpu: "1" });
    await start();
    putPod("first", { requests: { cpu: "1" } });
    await settle();
    putPod("second", { requests: { cpu: "1" } });
    await settle();
    expect(server.pod("second")?.spec.nodeName).toBeUndefined();

    change();
    await settle();
    clock.advance(1_000);
    await settle();
    expect(server.pod("second")?.spec.nodeName).toBe("node1");
  });

  test("places a waiting pod when its own change makes it fit", async () => {
    putNode("node1", { taints: [{ key: "k", effect: "NoSchedule" }] });
    await start();
    putPod("web");
    await settle();
    putPod("web", { tolerations: [{ key: "k", operator: "Exists" }] });
    await settle();
    clock.advance(1_000);
    await settle();
    expect(server.pod("web")?.spec.nodeName).toBe("node1");
  });

  test("does not try a pod again for a node's heartbeat", async () => {
    putNode("node1", { cpu: "1" });
    await start();
    putPod("big", { requests: { cpu: "2" } });
    await settle();
    const node = aNode("node1", { cpu: "1" });
    const heartbeat = { type: "Ready", status: "True", lastHeartbeatTime: "2014-06-06T00:01:00Z" };
    server.put("/api/v1/nodes/node1", {
      ...node,
      status: { ...node.status, conditions: [heartbeat] },
    });
    await settle();
    clock.advance(60_000);
    await settle();
    expect(server.eventsOf("big")).toHaveLength(1);
  });

  test("leaves pods to the scheduler they name", async () => {
    putNode("node1");
    await start();
    putPod("theirs", { schedulerName: "my-scheduler" });
    await settle();
    expect(server.pod("theirs")?.spec.nodeName).toBeUndefined();
    lifetime.abort();

    await start({ profiles: [{ name: "my-scheduler" }] });
    expect(server.pod("theirs")?.spec.nodeName).toBe("node1");
  });

  test("waits until a pod's gates are gone", async () => {
    putNode("node1");
    await start();
    putPod("web", { schedulingGates: [{ name: "wait" }] });
    await settle();
    expect(server.bindings).toEqual([]);
    expect(server.eventsOf("web")).toEqual([]);

    putPod("web");
    await settle();
    expect(server.bindings).toEqual(["web -> node1"]);
  });

  test("does not place a pod that is being deleted", async () => {
    putNode("node1");
    await start();
    const pod = aPod("web");
    pod.metadata.deletionTimestamp = "2014-06-06T00:00:00Z";
    server.put("/api/v1/namespaces/default/pods/web", pod);
    await settle();
    expect(server.bindings).toEqual([]);
    expect(server.eventsOf("web")).toEqual([
      "Warning FailedScheduling: skip schedule deleting pod: default/web",
    ]);
  });

  test("gives no room away twice while its bindings are on their way", async () => {
    putNode("node1", { pods: "3" });
    putNode("node2", { pods: "2" });
    for (let i = 0; i < 8; i++) putPod(`web-${i}`);
    await start();
    const placed = server.pods().map(({ spec }) => spec.nodeName ?? "none");
    expect(placed.toSorted()).toEqual([
      ...["node1", "node1", "node1", "node2", "node2"],
      ...["none", "none", "none"],
    ]);
  });

  test("takes the room back when a binding fails, and tries again", async () => {
    putNode("node1", { pods: "1" });
    await start();
    server.refuse = () => status(500, "InternalError", "etcd is away");
    putPod("web");
    await settle();
    expect(server.eventsOf("web")).toEqual([
      'Warning FailedScheduling: running Bind plugin "DefaultBinder": etcd is away',
    ]);
    expect(conditionOf(server.pod("web"))?.reason).toBe("SchedulerError");

    server.refuse = undefined;
    clock.advance(1_000);
    await settle();
    expect(server.bindings).toEqual(["web -> node1"]);
  });

  test("leaves a pod alone that somebody else has placed meanwhile", async () => {
    putNode("node1");
    await start();
    server.refuse = (pod) => {
      server.refuse = undefined;
      const spec = { ...pod.spec, nodeName: "elsewhere" };
      server.put("/api/v1/namespaces/default/pods/web", { ...pod, spec });
      return undefined;
    };
    putPod("web");
    await settle();
    clock.advance(60_000);
    await settle();
    expect(server.bindings).toEqual([]);
    expect(server.pod("web")?.spec.nodeName).toBe("elsewhere");
  });

  test("forgets a pod that is deleted while its binding is on its way", async () => {
    putNode("node1", { pods: "1" });
    await start();
    server.refuse = () => {
      server.refuse = undefined;
      deletePod("web");
      return status(404, "NotFound", 'pods "web" not found');
    };
    putPod("web");
    await settle();
    putPod("next");
    await settle();
    expect(server.bindings).toEqual(["next -> node1"]);
  });

  test("starts again in the middle, and nothing is placed twice", async () => {
    for (let i = 0; i < 5; i++) putNode(`node${i}`, { pods: "10" });
    for (let i = 0; i < 50; i++) putPod(`web-${i}`);
    await start();
    lifetime.abort();
    const before = server.bindings.length;
    await start();
    lifetime.abort();
    for (let i = 50; i < 60; i++) putPod(`web-${i}`);
    await start();

    expect(before).toBeGreaterThan(0);
    expect(server.bindings).toHaveLength(50);
    expect(new Set(server.bindings.map((one) => one.split(" ")[0])).size).toBe(50);
    const perNode = countBy(server.pods(), ({ spec }) => spec.nodeName ?? "none");
    expect(perNode).toEqual({ node0: 10, node1: 10, node2: 10, node3: 10, node4: 10, none: 10 });
  });

  test("stopped in the middle of its bindings, leaves the rest to the next one", async () => {
    for (let i = 0; i < 300; i++) putPod(`web-${i}`);
    for (let i = 0; i < 10; i++) putNode(`node${i}`);
    server.refuse = () => {
      if (server.bindings.length === 150) lifetime.abort();
      return undefined;
    };
    await start();
    const placed = server.bindings.length;
    expect(placed).toBeLessThan(300);

    server.refuse = undefined;
    await start();
    expect(server.bindings).toHaveLength(300);
    expect(new Set(server.bindings.map((one) => one.split(" ")[0])).size).toBe(300);
    expect(server.pods().every(({ spec }) => spec.nodeName)).toBe(true);
  });

  test("explains its latest decisions", async () => {
    putNode("node1");
    putNode("node2", { pods: "0" });
    await start();
    putPod("web");
    await settle();
    expect(scheduler.decisions.explain("default/web")).toMatchObject({
      chosen: "node1",
      nodes: [
        { node: "node1", verdict: "chosen" },
        { node: "node2", plugin: "NodeResourcesFit", verdict: "Too many pods" },
      ],
    });
  });
});
