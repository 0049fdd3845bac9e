import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, openWatch } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { eventually } from "../support/eventually.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
});
afterAll(() => server.stop());

const CORE = "/api/v1/namespaces/default/events";
const NEWER = "/apis/events.k8s.io/v1/namespaces/default/events";
const OLDER = "/apis/events.k8s.io/v1beta1/namespaces/default/events";
const regarding = { kind: "Pod", namespace: "default", name: "web" };

test("an event of the newer group is the core group's under other names", async () => {
  const event = {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name: "newer" },
    eventTime: "2014-06-06T00:00:00.000000Z",
    reportingController: "example.com/tester",
    reportingInstance: "tester-1",
    action: "Testing",
    reason: "Tested",
    regarding,
    note: "It works",
    type: "Normal",
    series: { count: 2, lastObservedTime: "2014-06-06T00:00:00.000000Z" },
  };
  const made = await ask(server.transport, "POST", NEWER, event);
  expect(made.status, made.text).toBe(201);
  expect(made.json).toMatchObject(event);
  expect((await ask(server.transport, "GET", `${CORE}/newer`)).json).toMatchObject({
    apiVersion: "v1",
    involvedObject: regarding,
    message: "It works",
    reportingComponent: "example.com/tester",
    series: { count: 2 },
  });
  expect((await ask(server.transport, "GET", `${OLDER}/newer`)).json).toMatchObject({
    apiVersion: "events.k8s.io/v1beta1",
    note: "It works",
  });
});

test("an event of the core group is read and watched under both", async () => {
  const watch = await openWatch(server.transport, `${NEWER}?watch=1`);
  const event = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "core" },
    involvedObject: regarding,
    reason: "Started",
    message: "Started container",
    source: { component: "kubelet", host: "node1" },
    firstTimestamp: "2014-06-06T00:00:00Z",
    lastTimestamp: "2014-06-06T00:00:00Z",
    count: 3,
    type: "Normal",
  };
  await ask(server.transport, "POST", CORE, event);
  const newer = {
    apiVersion: "events.k8s.io/v1",
    note: "Started container",
    regarding,
    deprecatedCount: 3,
    deprecatedSource: { component: "kubelet", host: "node1" },
    deprecatedFirstTimestamp: "2014-06-06T00:00:00Z",
    eventTime: null,
  };
  const { json } = await ask(server.transport, "GET", `${NEWER}/core`);
  expect(json).toMatchObject(newer);
  expect(json).not.toHaveProperty("message");
  await eventually(() => {
    const told = watch.events.filter(({ object }) => object.metadata.name === "core");
    expect(told).toMatchObject([{ type: "ADDED", object: newer }]);
  });
  watch.close();
});

test("an event about nothing is about an empty reference", async () => {
  const event = { apiVersion: "v1", kind: "Event", metadata: { name: "about-nothing" } };
  const made = await ask(server.transport, "POST", CORE, event);
  expect(made.json.involvedObject).toEqual({});
  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
  const path = `${CORE}/about-nothing`;
  expect((await ask(server.transport, "GET", path, undefined, { accept })).status).toBe(200);
});
