/** The scheduler making room, against the real API server in one process. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Event } from "../../../src/api/event.ts";
import { Namespace } from "../../../src/api/namespace.ts";
import { Node } from "../../../src/api/node.ts";
import { Pod } from "../../../src/api/pod.ts";
import { conditionOf } from "../../../src/api/pod-status.ts";
import { PodDisruptionBudget } from "../../../src/api/policy/pod-disruption-budget.ts";
import { PriorityClass } from "../../../src/api/scheduling/priority-class.ts";
import { createInformers } from "../../../src/client/informer.ts";
import { silentLog } from "../../../src/component/log.ts";
import { startScheduler } from "../../../src/scheduler/scheduler.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { eventually } from "../../support/eventually.ts";
import { aNode, aPod, type PodWishes } from "../made-up-cluster.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let lifetime: AbortController;

beforeEach(async () => {
  lifetime = new AbortController();
  server = await startTestApiServer();
  await eventually(() => server.client.get(Namespace, "", "default"));
  for (const [name, value] of [
    ["low", 10],
    ["high", 1_000],
    ["higher", 2_000],
  ] as const) {
    await server.client.create(PriorityClass, "", { metadata: { name }, value });
  }
});
afterEach(async () => {
  lifetime.abort();
  await server.stop();
});

function start() {
  const { client, clock, random } = server;
  const context = { client, clock, random, log: silentLog, signal: lifetime.signal };
  return startScheduler({ ...context, informers: createInformers(context) });
}

async function createNode(name: string, cpu = "1") {
  const { metadata, spec, status } = aNode(name, { cpu });
  await server.client.create(Node, "", { metadata, spec, status: status! });
}

function createPod(name: string, wishes: PodWishes = {}) {
  const { metadata, spec } = aPod(name, { requests: { cpu: "1" }, ...wishes });
  return server.client.create(Pod, "default", {
    metadata: { name, labels: metadata.labels! },
    spec,
  });
}

const getPod = (name: string) => server.client.get(Pod, "default", name);
const kill = (name: string) =>
  server.client.delete(Pod, "default", name, { gracePeriodSeconds: 0 });

async function messagesAbout(name: string): Promise<string[]> {
  const { items } = await server.client.list(Event, { namespace: "default" });
  return items
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ reason, message }) => `${reason}: ${message}`);
}

const isGoing = (name: string) =>
  eventually(async () => {
    const { metadata, status } = await getPod(name);
    expect(metadata.deletionTimestamp).toBeDefined();
    return status;
  });

const isPlaced = (name: string, nodeName: string) =>
  eventually(async () => {
    server.clock.advance(1_000);
    expect((await getPod(name)).spec.nodeName).toBe(nodeName);
  });

describe("a pod that fits nowhere", () => {
  test("has a less important one sent away, gracefully, and takes its place", async () => {
    await createNode("node1");
    await createPod("low", { nodeName: "node1", priorityClassName: "low" });
    await start();
    const { metadata } = await createPod("high", { priorityClassName: "high" });

    const status = await isGoing("low");
    expect(conditionOf({ status: status! }, "DisruptionTarget")).toMatchObject({
      status: "True",
      reason: "PreemptionByScheduler",
      message: "default-scheduler: preempting to accommodate a higher priority pod",
    });
    await eventually(async () => {
      expect((await getPod("high")).status?.nominatedNodeName).toBe("node1");
      expect(await messagesAbout("low")).toContain(
        `Preempted: Preempted by pod ${metadata.uid} on node node1`,
      );
      expect(await messagesAbout("high")).toContain(
        "FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.",
      );
    });

    await kill("low");
    await isPlaced("high", "node1");
  });

  test("leaves alone who is as important, and says that nobody would help", async () => {
    await createNode("node1");
    await createPod("other", { nodeName: "node1", priorityClassName: "high" });
    await start();
    await createPod("high", { priorityClassName: "high" });
    await eventually(async () => {
      expect(conditionOf(await getPod("high"), "PodScheduled")?.message).toBe(
        "0/1 nodes are available: 1 Insufficient cpu. " +
          "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
      );
    });
    expect((await getPod("other")).metadata.deletionTimestamp).toBeUndefined();
  });

  test("says what would still be missing if everybody less important went", async () => {
    await createNode("node1", "2");
    await createPod("equal", { nodeName: "node1", priorityClassName: "high" });
    await createPod("low", { nodeName: "node1", priorityClassName: "low" });
    await start();
    await createPod("high", { priorityClassName: "high", requests: { cpu: "2" } });
    await eventually(async () => {
      expect(conditionOf(await getPod("high"), "PodScheduled")?.message).toBe(
        "0/1 nodes are available: 1 Insufficient cpu. " +
          "preemption: 0/1 nodes are available: 1 Insufficient cpu.",
      );
    });
    expect((await getPod("low")).metadata.deletionTimestamp).toBeUndefined();
  });

  test("that must not preempt waits, and says so", async () => {
    const polite = { metadata: { name: "polite" }, value: 500, preemptionPolicy: "Never" as const };
    await server.client.create(PriorityClass, "", polite);
    await createNode("node1");
    await createPod("low", { nodeName: "node1", priorityClassName: "low" });
    await start();
    await createPod("web", { priorityClassName: "polite" });
    await eventually(async () => {
      expect(conditionOf(await getPod("web"), "PodScheduled")?.message).toBe(
        "0/1 nodes are available: 1 Insufficient cpu. " +
          "preemption: not eligible due to preemptionPolicy=Never.",
      );
    });
  });

  test("does not send a second one away while the first is going", async () => {
    await createNode("node1", "2");
    await createPod("low-1", { nodeName: "node1", priorityClassName: "low" });
    await createPod("low-2", { nodeName: "node1", priorityClassName: "low" });
    await start();
    await createPod("high", { priorityClassName: "high" });
    await eventually(async () => {
      expect((await getPod("high")).status?.nominatedNodeName).toBe("node1");
    });
    // Something happens that makes the scheduler look again.
    await createNode("node2", "500m");
    await eventually(async () => {
      server.clock.advance(2_000);
      expect(conditionOf(await getPod("high"), "PodScheduled")?.message).toBe(
        "0/2 nodes are available: 2 Insufficient cpu. " +
          "preemption: not eligible due to a terminating pod on the nominated node.",
      );
    });
    const { items } = await server.client.list(Pod, { namespace: "default" });
    expect(items.filter(({ metadata }) => metadata.deletionTimestamp)).toHaveLength(1);
  });

  test("spares whom a disruption budget protects, if another will do", async () => {
    await createNode("node1", "2");
    await createPod("protected", {
      nodeName: "node1",
      priorityClassName: "low",
      labels: { app: "protected" },
    });
    await createPod("free", {
      nodeName: "node1",
      priorityClassName: "low",
      labels: { app: "free" },
    });
    await server.client.create(PodDisruptionBudget, "default", {
      metadata: { name: "budget" },
      spec: { minAvailable: 1, selector: { matchLabels: { app: "protected" } } },
    } as never);
    await start();
    await createPod("high", { priorityClassName: "high" });
    await isGoing("free");
    expect((await getPod("protected")).metadata.deletionTimestamp).toBeUndefined();
  });
});

describe("room that is promised to a pod", () => {
  test("is not given to a less important one, but to a more important one", async () => {
    await createNode("node1");
    await createPod("low", { nodeName: "node1", priorityClassName: "low" });
    const scheduler = await start();
    await createPod("high", { priorityClassName: "high" });
    await isGoing("low");
    await createPod("late", { priorityClassName: "low" });
    await eventually(async () => {
      expect(conditionOf(await getPod("late"), "PodScheduled")?.reason).toBe("Unschedulable");
    });
    await createPod("higher", { priorityClassName: "higher" });
    await eventually(async () => {
      expect((await getPod("higher")).status?.nominatedNodeName).toBe("node1");
      expect((await getPod("high")).status?.nominatedNodeName).toBeUndefined();
    });
    await kill("low");
    await isPlaced("higher", "node1");
    expect((await getPod("high")).spec.nodeName).toBeUndefined();
    expect((await getPod("late")).spec.nodeName).toBeUndefined();
    expect(scheduler.queue.sizes.active).toBe(0);
  });
});
