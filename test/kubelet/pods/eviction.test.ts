import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Node } from "../../../src/api/node.ts";
import type { Pod } from "../../../src/api/pod.ts";
import { inOrderOfEviction, isCritical } from "../../../src/kubelet/pods/eviction-order.ts";
import { startTestNode, type TestNode } from "../test-node.ts";

const MI = 1024 ** 2;
const pod = (name: string, { request = "", priority = 0 } = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    priority,
    containers: [
      { name: "main", ...(request ? { resources: { requests: { memory: request } } } : {}) },
    ],
  },
});

describe("the order of eviction", () => {
  const used: Record<string, number> = { modest: 50, greedy: 90, greedier: 120, vital: 500 };
  const order = (...pods: Pod[]) =>
    inOrderOfEviction(pods, "memory", ({ metadata }) => used[metadata.name]! * MI).map(
      ({ metadata }) => metadata.name,
    );

  test("puts those that keep to their requests last, however unimportant", () => {
    expect(order(pod("modest", { request: "64Mi" }), pod("greedy", { priority: 5 }))).toEqual([
      "greedy",
      "modest",
    ]);
  });

  test("puts the less important first, then those that exceed by more", () => {
    expect(order(pod("vital", { priority: 10 }), pod("greedy"), pod("greedier"))).toEqual([
      "greedier",
      "greedy",
      "vital",
    ]);
  });

  test("spares what keeps the cluster alive", () => {
    expect(isCritical(pod("dns", { priority: 2_000_000_000 }))).toBe(true);
    expect(isCritical(pod("web"))).toBe(false);
  });
});

describe("a node that runs short", () => {
  let node: TestNode;
  const plenty = { availableBytes: 900 * MI, capacityBytes: 1024 * MI };
  let memory = plenty;
  let disk = async () => plenty;
  beforeEach(async () => {
    memory = plenty;
    disk = async () => plenty;
    node = await startTestNode({
      usage: async () => ({ "memory.available": memory, "nodefs.available": await disk() }),
    });
  });
  afterEach(() => node.stop());

  const scarce = { availableBytes: 40 * MI, capacityBytes: 1024 * MI };
  const web = { containers: [{ name: "web", image: "nginx" }] };
  const isRunning = (one: Pod) => one.status?.phase === "Running";
  const conditionOf = async (type: string) => {
    const { status } = await node.client.get(Node, "", "node1");
    return status?.conditions?.find((condition) => condition.type === type)?.status;
  };

  test("of memory says so, evicts one pod, and takes no more that ask for nothing", async () => {
    await node.run("web", web);
    await node.until("web", isRunning);
    memory = scarce;
    await node.pass(11);
    memory = plenty;

    const evicted = await node.until("web", ({ status }) => status?.phase === "Failed");
    expect(evicted.status?.reason).toBe("Evicted");
    expect(evicted.status?.message).toMatch(
      /^The node was low on resource: memory. Threshold quantity: 100Mi, available: 40Mi. Container web was using \d+Ki, request is 0, has larger consumption of memory. $/,
    );
    expect(await conditionOf("MemoryPressure")).toBe("True");
    expect(await node.eventsOf("node1")).toContain(
      "EvictionThresholdMet: Attempting to reclaim memory",
    );

    await node.run("late", web);
    const late = await node.until("late", ({ status }) => status?.phase === "Failed");
    expect(late.status?.message).toBe(
      "Pod was rejected: The node had condition: [MemoryPressure]. ",
    );
    await node.pass(310);
    expect(await conditionOf("MemoryPressure")).toBe("False");
  });

  test("of disk removes the images nobody uses before it evicts anybody", async () => {
    await node.run("web", web);
    await node.until("web", isRunning);
    await node.runtime.pullImage("busybox");
    const images = async () => (await node.runtime.listImages()).flatMap(({ tags }) => tags);
    const isFull = async () => (await images()).some((tag) => tag.includes("busybox"));
    await node.pass(430);
    expect(await isFull()).toBe(true);

    disk = async () => ((await isFull()) ? scarce : plenty);
    await node.pass(11);

    expect(await images()).toEqual([expect.stringContaining("nginx")]);
    expect(await conditionOf("DiskPressure")).toBe("True");
    expect(isRunning(await node.get("web"))).toBe(true);
  });
});
