import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Event } from "../../src/api/event.ts";
import { Pod } from "../../src/api/pod.ts";
import { Client } from "../../src/client/client.ts";
import { createEventRecorder, type RunningEventRecorder } from "../../src/client/events.ts";
import { silentLog } from "../../src/component/log.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { FaultyTransport, unreachable } from "../support/faulty-transport.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
let network: FaultyTransport;
let recorder: RunningEventRecorder;
let pod: Pod;
const lifetime = new AbortController();

beforeEach(async () => {
  server = await startTestApiServer();
  network = new FaultyTransport(server.transport);
  const client = new Client(network.transport);
  const { clock, random } = server;
  const options = { client, clock, random, log: silentLog, signal: lifetime.signal };
  recorder = createEventRecorder({ ...options, component: "kubelet", host: "node1" });
  const spec = { containers: [{ name: "web", image: "nginx" }] };
  pod = await server.client.create(Pod, "default", { metadata: { name: "web" }, spec });
});
afterEach(() => server.stop());

describe("an event", () => {
  test("tells what happened to whom, when, and who says so", async () => {
    recorder.event(pod, "Normal", "Started", "Started container web", "spec.containers{web}");
    const [event] = await events();

    expect(event!.metadata.name).toMatch(/^web\.[0-9a-f]{16}$/);
    expect(event).toMatchObject({
      involvedObject: {
        kind: "Pod",
        namespace: "default",
        name: "web",
        uid: pod.metadata.uid,
        apiVersion: "v1",
        resourceVersion: pod.metadata.resourceVersion,
        fieldPath: "spec.containers{web}",
      },
      reason: "Started",
      message: "Started container web",
      source: { component: "kubelet", host: "node1" },
      firstTimestamp: "2014-06-06T00:00:00Z",
      lastTimestamp: "2014-06-06T00:00:00Z",
      count: 1,
      type: "Normal",
      reportingComponent: "kubelet",
      reportingInstance: "node1",
    });
  });

  test("that happens again raises a count", async () => {
    for (let times = 0; times < 4; times++) {
      recorder.event(pod, "Warning", "BackOff", "Back-off restarting failed container");
      server.clock.advance(10_000);
      await settled();
    }
    expect(await events()).toMatchObject([
      { count: 4, firstTimestamp: "2014-06-06T00:00:00Z", lastTimestamp: "2014-06-06T00:00:30Z" },
    ]);
  });

  test("that happens again after the first has expired is written anew", async () => {
    recorder.event(pod, "Warning", "BackOff", "Back-off restarting failed container");
    const [first] = await events();
    await server.client.delete(Event, "default", first!.metadata.name);
    recorder.event(pod, "Warning", "BackOff", "Back-off restarting failed container");
    recorder.event(pod, "Warning", "BackOff", "Back-off restarting failed container");

    const after = await events();
    expect(after.map(({ count }) => count)).toEqual([3]);
    expect(after[0]!.metadata.name).not.toBe(first!.metadata.name);
  });

  test("one of many alike is told together with them", async () => {
    for (let number = 1; number <= 15; number++) {
      recorder.event(pod, "Normal", "SuccessfulCreate", `Created pod: web-${number}`);
    }
    const messages = (await events()).map(({ message, count }) => `${message} x${count}`);
    expect(messages).toHaveLength(10);
    expect(messages).toContain("(combined from similar events): Created pod: web-15 x6");
  });

  test("of an object that causes too many is dropped, for a time", async () => {
    for (let number = 0; number < 40; number++) {
      recorder.event(pod, "Normal", `Reason${number}`, "Something happened");
    }
    expect(await events()).toHaveLength(25);
    server.clock.advance(300_000);
    recorder.event(pod, "Normal", "Another", "Something happened");
    expect(await events()).toHaveLength(26);
  });

  test("of something without a namespace goes to the default one", async () => {
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: "node1", uid: "u" } };
    recorder.event(node, "Normal", "Starting", "Starting kubelet.");
    const [event] = await events();
    expect(event!.metadata.namespace).toBe("default");
    expect(event!.involvedObject.namespace).toBeUndefined();
  });

  test("is written when the server is back", async () => {
    network.fault = unreachable;
    recorder.event(pod, "Normal", "Started", "Started container web");
    await turns();
    expect(recorder.idle).toBe(false);
    network.fault = undefined;
    server.clock.advance(10_000);
    expect(await events()).toHaveLength(1);
  });

  test("is given up after twelve tries, and never harms who tells of it", async () => {
    network.fault = unreachable;
    recorder.event(pod, "Normal", "Started", "Started container web");
    for (let tries = 0; tries < 15; tries++) {
      await turns();
      server.clock.advance(10_000);
    }
    expect(network.requests).toHaveLength(12);
    expect(recorder.idle).toBe(true);
  });

  test("that the server refuses is dropped", async () => {
    const odd = { ...pod, metadata: { ...pod.metadata, namespace: "no-such-namespace" } };
    recorder.event(odd, "Normal", "Started", "Started container web");
    await settled();
    expect(network.requests).toHaveLength(1);
  });

  test("waits in a line that is bounded", async () => {
    network.fault = unreachable;
    for (let number = 0; number < 3_000; number++) {
      const about = { ...pod, metadata: { ...pod.metadata, name: `web-${number}` } };
      recorder.event(about, "Normal", "Started", "Started container web");
    }
    await turns();
    network.fault = undefined;
    server.clock.advance(10_000);
    expect(await events()).toHaveLength(1_001);
  });
});

async function events(): Promise<Event[]> {
  await settled();
  return (await server.client.list(Event)).items;
}

async function settled() {
  const deadlineMs = performance.now() + 10_000;
  await turns();
  while (!recorder.idle && performance.now() < deadlineMs) await turns(1);
  if (!recorder.idle) throw new Error("events are still under way");
}

async function turns(count = 20) {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
