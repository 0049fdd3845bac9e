import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EndpointSlice } from "../../src/api/discovery/endpoint-slice.ts";
import { Endpoints } from "../../src/api/endpoints.ts";
import { Event } from "../../src/api/event.ts";
import { Node } from "../../src/api/node.ts";
import { Pod } from "../../src/api/pod.ts";
import { Service } from "../../src/api/service.ts";
import { endpointSliceController } from "../../src/controller-manager/endpoint-slice.ts";
import { endpointSliceMirroringController } from "../../src/controller-manager/endpoint-slice-mirroring.ts";
import { startGarbageCollector } from "../../src/controller-manager/garbage-collector.ts";
import { type Cluster, listed, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";

const READY = [{ type: "Ready", status: "True", lastTransitionTime: "2014-06-06T00:00:00Z" }];
const NAME = "kubernetes.io/service-name";
const MANAGER = "endpointslice.kubernetes.io/managed-by";

let cluster: Cluster;
const slices = () => listed(cluster, EndpointSlice, "default");
const addresses = async () =>
  (await slices()).flatMap(({ endpoints }) => endpoints.flatMap((one) => one.addresses)).toSorted();

async function createService(spec: Partial<Service["spec"]> = {}, labels = {}) {
  const { selector = { app: "web" }, ...more } = spec;
  return cluster.client.create(Service, "default", {
    metadata: { name: "web", labels },
    spec: {
      ports: [{ port: 80 }],
      ...more,
      ...("selector" in spec && !spec.selector ? {} : { selector }),
    },
  });
}

async function createPod(name: string, ip: string, isReady = true, spec: object = {}) {
  const containers = [{ name: "web", image: "nginx" }];
  const pod = await cluster.client.create(Pod, "default", {
    metadata: { name, labels: { app: "web" } },
    spec: { nodeName: "node1", containers, ...spec },
  });
  const conditions = isReady ? READY : [];
  const status = { phase: "Running" as const, podIP: ip, podIPs: [{ ip }], conditions };
  return cluster.client.updateStatus(Pod, { ...pod, status });
}

describe("the EndpointSlices of a service", () => {
  beforeEach(async () => {
    const controllers = [
      endpointSliceController({ maxEndpointsPerSlice: 3 }),
      startGarbageCollector,
    ];
    cluster = await startCluster({ controllers });
  });
  afterEach(() => cluster.stop());

  test("say of each pod where it is and what state it is in", async () => {
    await cluster.client.create(Node, "", {
      metadata: { name: "node1", labels: { "topology.kubernetes.io/zone": "east" } },
      spec: {},
    });
    const service = await createService({ clusterIP: "None" }, { tier: "front" });
    const named = { hostname: "db-0", subdomain: "web" };
    const { uid } = (await createPod("a", "10.1.0.5", true, named)).metadata;
    await createPod("b", "10.1.0.6", false);
    await cluster.settle();

    const [slice, ...others] = await slices();
    expect(others).toEqual([]);
    expect(slice).toMatchObject({
      metadata: {
        generateName: "web-",
        labels: {
          tier: "front",
          [NAME]: "web",
          [MANAGER]: "endpointslice-controller.k8s.io",
          "service.kubernetes.io/headless": "",
        },
        ownerReferences: [
          {
            kind: "Service",
            uid: service.metadata.uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      addressType: "IPv4",
      ports: [{ name: "", port: 80, protocol: "TCP" }],
    });
    expect(slice!.endpoints).toHaveLength(2);
    expect(slice!.endpoints).toContainEqual({
      addresses: ["10.1.0.5"],
      conditions: { ready: true, serving: true, terminating: false },
      hostname: "db-0",
      nodeName: "node1",
      targetRef: { kind: "Pod", namespace: "default", name: "a", uid },
      zone: "east",
    });
    const slow = slice!.endpoints.find(({ targetRef }) => targetRef?.name === "b");
    expect(slow?.conditions).toEqual({ ready: false, serving: false, terminating: false });
  });

  test("show a pod that is going, and lose it when it is gone", async () => {
    await createService();
    await createPod("a", "10.1.0.5");
    await cluster.client.delete(Pod, "default", "a", { gracePeriodSeconds: 30 });
    await cluster.settle();
    expect((await slices())[0]!.endpoints[0]!.conditions).toEqual({
      ...{ ready: false, serving: true, terminating: true },
    });

    await cluster.client.delete(Pod, "default", "a", { gracePeriodSeconds: 0 });
    await cluster.settle();
    const [slice] = await slices();
    expect([slice!.endpoints, slice!.ports ?? []]).toEqual([[], []]);
  });

  test("are all ready where unready addresses are published", async () => {
    await createService({ publishNotReadyAddresses: true });
    await createPod("a", "10.1.0.5", false);
    await cluster.settle();
    const conditions = { ready: true, serving: false, terminating: false };
    expect((await slices())[0]!.endpoints[0]!.conditions).toEqual(conditions);
  });

  test("are as many as it takes, and few are written when one pod comes", async () => {
    await createService();
    for (let n = 1; n <= 7; n++) await createPod(`p${n}`, `10.1.0.${n}`);
    await cluster.settle();
    const before = await slices();
    expect(before.map(({ endpoints }) => endpoints.length).toSorted()).toEqual([1, 3, 3]);

    await createPod("p8", "10.1.0.8");
    await cluster.settle();
    const versions = new Set(before.map(({ metadata }) => metadata.resourceVersion));
    const after = await slices();
    const written = after.filter(({ metadata }) => !versions.has(metadata.resourceVersion));
    expect([after.length, written.length]).toEqual([3, 1]);
    expect(await addresses()).toHaveLength(8);
  });

  test("are one for each set of ports that a name stands for", async () => {
    await createService({ ports: [{ name: "http", port: 80, targetPort: "web" }] });
    for (const [name, ip, containerPort] of [
      ["a", "10.1.0.1", 8080],
      ["b", "10.1.0.2", 80],
    ] as const) {
      const ports = [{ name: "web", containerPort }];
      await createPod(name, ip, true, { containers: [{ name: "web", image: "nginx", ports }] });
    }
    await cluster.settle();
    const seen = (await slices()).map(({ ports, endpoints }) => [
      ports![0]!.port,
      endpoints.map((one) => one.addresses[0]),
    ]);
    expect(seen.toSorted()).toEqual([
      [80, ["10.1.0.2"]],
      [8080, ["10.1.0.1"]],
    ]);
  });

  test("are made again when somebody deletes or changes them", async () => {
    await createService();
    await createPod("a", "10.1.0.5");
    await cluster.settle();
    const [slice] = await slices();
    await cluster.client.patch(
      EndpointSlice,
      "default",
      slice!.metadata.name,
      { endpoints: [] },
      { type: "merge" },
    );
    await cluster.settle();
    expect(await addresses()).toEqual(["10.1.0.5"]);
    await cluster.client.delete(EndpointSlice, "default", slice!.metadata.name);
    await cluster.settle();
    expect(await addresses()).toEqual(["10.1.0.5"]);
  });

  test("go with their service; one of the same name has its own", async () => {
    await createService();
    await createPod("a", "10.1.0.5");
    await cluster.settle();
    await cluster.client.delete(Service, "default", "web");
    await cluster.settle();
    expect(await slices()).toEqual([]);

    await createService();
    await cluster.settle();
    await cluster.client.delete(Service, "default", "web");
    const { metadata } = await createService();
    await cluster.settle();
    const owners = (await slices()).map((slice) => slice.metadata.ownerReferences?.[0]?.uid);
    expect(owners).toEqual([metadata.uid]);
  });

  test("of others are left alone", async () => {
    const own = {
      metadata: { name: "mine", labels: { [NAME]: "web" } },
      addressType: "IPv4",
      endpoints: [],
    };
    await cluster.client.create(EndpointSlice, "default", own);
    await createService();
    await cluster.settle();
    expect((await slices()).map(({ metadata }) => metadata.name)).toContain("mine");
    expect(await slices()).toHaveLength(2);
  });

  test("are right in the end though every write meets a conflict and watches are cut", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await createService();
    for (let n = 1; n <= 9; n++) {
      await createPod(`p${n}`, `10.1.0.${n}`);
      cluster.network.cutWatches();
    }
    cluster.clock.advance(60_000);
    await cluster.settle();
    expect(await addresses()).toHaveLength(9);
    expect(await slices()).toHaveLength(3);
  });
});

describe("Endpoints that somebody wrote", () => {
  beforeEach(async () => {
    const mirroring = endpointSliceMirroringController({ maxEndpointsPerSubset: 2 });
    cluster = await startCluster({ controllers: [mirroring] });
  });
  afterEach(() => cluster.stop());

  const create = (ips: string[], labels = {}) =>
    cluster.client.create(Endpoints, "default", {
      metadata: { name: "web", labels },
      subsets: [
        {
          addresses: ips.map((ip) => ({ ip })),
          notReadyAddresses: [{ ip: "192.0.2.99" }],
          ports: [{ name: "http", port: 80 }],
        },
      ],
    });

  test("are there as slices too, if their service has no selector", async () => {
    await create(["192.0.2.1"], { tier: "front" });
    await cluster.settle();
    expect(await slices()).toEqual([]);

    await createService({ selector: undefined as never });
    await cluster.settle();
    const [slice, ...others] = await slices();
    expect(others).toEqual([]);
    expect(slice).toMatchObject({
      metadata: {
        generateName: "web-",
        labels: {
          tier: "front",
          [NAME]: "web",
          [MANAGER]: "endpointslicemirroring-controller.k8s.io",
        },
        ownerReferences: [{ kind: "Endpoints", name: "web" }],
      },
      endpoints: [
        { addresses: ["192.0.2.1"], conditions: { ready: true } },
        { addresses: ["192.0.2.99"], conditions: { ready: false } },
      ],
      ports: [{ name: "http", port: 80, protocol: "TCP" }],
    });
  });

  test("lose their slices with the Endpoints, and when the service gets a selector", async () => {
    await createService({ selector: undefined as never });
    await create(["192.0.2.1"]);
    await cluster.settle();
    expect(await slices()).toHaveLength(1);
    await cluster.client.delete(Endpoints, "default", "web");
    await cluster.settle();
    expect(await slices()).toEqual([]);

    await create(["192.0.2.1"]);
    await cluster.settle();
    expect(await slices()).toHaveLength(1);
    await cluster.client.patch(Service, "default", "web", { spec: { selector: { app: "web" } } });
    await cluster.settle();
    expect(await slices()).toEqual([]);
  });

  test("are not mirrored where a label says so", async () => {
    await createService({ selector: undefined as never });
    await create(["192.0.2.1"], { "endpointslice.kubernetes.io/skip-mirror": "true" });
    await cluster.settle();
    expect(await slices()).toEqual([]);
  });

  test("are mirrored up to a limit, and an event tells of the rest", async () => {
    await createService({ selector: undefined as never });
    await create(["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    await cluster.settle();
    expect(await addresses()).toEqual(["192.0.2.1", "192.0.2.2"]);
    const [event] = await listed(cluster, Event);
    expect(event).toMatchObject({
      reason: "TooManyAddressesToMirror",
      message:
        "A max of 2 addresses can be mirrored to EndpointSlices per Endpoints subset. 2 addresses were skipped",
    });
  });
});
