/** The scheduler against the real API server, in one process: nothing between them is made up. */
import { countBy } from "lodash-es";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Event } from "../../src/api/event.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Node } from "../../src/api/node.ts";
import { Pod } from "../../src/api/pod.ts";
import { createInformers } from "../../src/client/informer.ts";
import { silentLog } from "../../src/component/log.ts";
import { startScheduler } from "../../src/scheduler/scheduler.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { eventually } from "../support/eventually.ts";
import { aNode, aPod, type PodWishes } from "./made-up-cluster.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let lifetime: AbortController;

beforeEach(async () => {
  server = await startTestApiServer();
  await eventually(() => server.client.get(Namespace, "", "default"));
});
afterEach(async () => {
  lifetime.abort();
  await server.stop();
});

function start() {
  lifetime = new AbortController();
  const { client, clock, random } = server;
  const context = { client, clock, random, log: silentLog, signal: lifetime.signal };
  return startScheduler({ ...context, informers: createInformers(context) });
}

const createPod = (name: string, wishes: PodWishes = {}) => {
  const { metadata, spec } = aPod(name, wishes);
  return server.client.create(Pod, "default", {
    metadata: { name, labels: metadata.labels! },
    spec,
  });
};

async function createNodes(count: number, podsEach: number) {
  for (let i = 0; i < count; i++) {
    const { metadata, spec, status } = aNode(`node${i}`, { pods: String(podsEach) });
    await server.client.create(Node, "", { metadata, spec, status: status! });
  }
}

async function placedPods(): Promise<Pod[]> {
  const { items } = await server.client.list(Pod, { namespace: "default" });
  return items.filter(({ spec }) => spec.nodeName);
}

async function untilPlaced(count: number): Promise<Pod[]> {
  return eventually(async () => {
    const placed = await placedPods();
    expect(placed).toHaveLength(count);
    return placed;
  });
}

describe("the scheduler on a real API server", () => {
  test("places 300 pods on 10 nodes, 30 on each", async () => {
    await createNodes(10, 30);
    await start();
    await Promise.all(Array.from({ length: 300 }, (_, i) => createPod(`web-${i}`)));
    const placed = await untilPlaced(300);

    const perNode = countBy(placed, ({ spec }) => spec.nodeName);
    expect(Object.values(perNode)).toEqual(Array(10).fill(30));
    for (const { status } of placed) {
      const condition = status?.conditions?.find(({ type }) => type === "PodScheduled");
      expect(condition).toMatchObject({ status: "True" });
    }
  });

  test("tells of a pod that does not fit, and places it when there is room", async () => {
    await createNodes(1, 1);
    await start();
    await createPod("first");
    await untilPlaced(1);
    await createPod("second");
    const sentence =
      "0/1 nodes are available: 1 Too many pods. " +
      "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";
    await eventually(async () => {
      const { status } = await server.client.get(Pod, "default", "second");
      const condition = status?.conditions?.find(({ type }) => type === "PodScheduled");
      expect(condition).toMatchObject({ reason: "Unschedulable", message: sentence });
      const { items } = await server.client.list(Event, { namespace: "default" });
      expect(items.map(({ message }) => message)).toContain(sentence);
    });

    await server.client.delete(Pod, "default", "first", { gracePeriodSeconds: 0 });
    await eventually(async () => {
      server.clock.advance(1_000);
      expect((await placedPods()).map(({ metadata }) => metadata.name)).toEqual(["second"]);
    });
  });

  test("started again in the middle, twice, places every pod once", async () => {
    await createNodes(10, 30);
    for (let i = 0; i < 100; i++) await createPod(`web-${i}`);
    const first = start();
    await eventually(async () => expect((await placedPods()).length).toBeGreaterThan(0));
    await first;
    lifetime.abort();
    const second = start();
    await Promise.all(Array.from({ length: 200 }, (_, i) => createPod(`late-${i}`)));
    await second;
    lifetime.abort();
    await start();
    const placed = await untilPlaced(300);

    const perNode = countBy(placed, ({ spec }) => spec.nodeName);
    expect(Object.values(perNode)).toEqual(Array(10).fill(30));
  });
});
