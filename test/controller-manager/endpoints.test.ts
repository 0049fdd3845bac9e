import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Endpoints } from "../../src/api/endpoints.ts";
import { Pod } from "../../src/api/pod.ts";
import { Service } from "../../src/api/service.ts";
import { subsetsOf, truncateSubsets } from "../../src/controller-manager/endpoint-subsets.ts";
import { startEndpointsController } from "../../src/controller-manager/endpoints.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";

const READY = [{ type: "Ready", status: "True", lastTransitionTime: "2014-06-06T00:00:00Z" }];

describe("the Endpoints of a service", () => {
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = await startCluster({ controllers: [startEndpointsController] });
  });
  afterEach(() => cluster.stop());

  test("list the pods it selects, ready and not ready", async () => {
    await createService();
    const ready = await createPod("a", "10.1.0.5", { isReady: true });
    const slow = await createPod("b", "10.1.0.6", { isReady: false });
    await createPod("other", "10.1.0.7", { isReady: true, labels: { app: "db" } });
    await createPod("homeless", undefined, { isReady: false });
    await cluster.settle();

    const targetOf = ({ metadata: { name, namespace, uid } }: Pod) => ({
      kind: "Pod",
      name,
      namespace,
      uid,
    });
    expect((await get()).subsets).toEqual([
      {
        addresses: [{ ip: "10.1.0.5", nodeName: "node1", targetRef: targetOf(ready) }],
        notReadyAddresses: [{ ip: "10.1.0.6", nodeName: "node1", targetRef: targetOf(slow) }],
        ports: [{ port: 80, protocol: "TCP" }],
      },
    ]);
  });

  test("follow a pod that becomes ready, loses its label, is deleted", async () => {
    await createService();
    const pod = await createPod("a", "10.1.0.5", { isReady: false });
    await cluster.settle();
    expect(await addresses()).toEqual([]);

    const { status } = await cluster.client.get(Pod, "default", "a");
    await cluster.client.updateStatus(Pod, { ...pod, status: { ...status, conditions: READY } });
    await cluster.settle();
    expect(await addresses()).toEqual(["10.1.0.5"]);

    await cluster.client.patch(Pod, "default", "a", { metadata: { labels: { app: "debug" } } });
    await cluster.settle();
    expect((await get()).subsets ?? []).toEqual([]);

    await cluster.client.patch(Pod, "default", "a", { metadata: { labels: { app: "web" } } });
    await cluster.settle();
    expect(await addresses()).toEqual(["10.1.0.5"]);
    await cluster.client.delete(Pod, "default", "a");
    await cluster.settle();
    expect((await get()).subsets ?? []).toEqual([]);
  });

  test("tell when the change happened that they show", async () => {
    await createService();
    await createPod("a", "10.1.0.5", { isReady: true });
    await cluster.settle();

    const annotations = (await get()).metadata.annotations;
    expect(annotations).toEqual({
      "endpoints.kubernetes.io/last-change-trigger-time": "2014-06-06T00:00:00Z",
    });
  });

  test("are written only when something has changed", async () => {
    await createService();
    await createPod("a", "10.1.0.5", { isReady: true });
    await cluster.settle();
    const { resourceVersion } = (await get()).metadata;
    await cluster.client.patch(Pod, "default", "a", { metadata: { annotations: { note: "x" } } });
    await cluster.client.patch(Service, "default", "web", {
      metadata: { annotations: { note: "x" } },
    });
    await cluster.settle();

    expect((await get()).metadata.resourceVersion).toBe(resourceVersion);
  });

  test("bear the labels of their service, and another one if it is headless", async () => {
    await createService({ clusterIP: "None" }, { tier: "front" });
    await cluster.settle();
    expect((await get()).metadata.labels).toEqual({
      tier: "front",
      "service.kubernetes.io/headless": "",
    });
  });

  test("are left alone where the service selects nothing", async () => {
    const ports = [{ port: 80 }];
    await cluster.client.create(Service, "default", { metadata: { name: "web" }, spec: { ports } });
    const byHand = [{ addresses: [{ ip: "192.0.2.1" }], ports: [{ port: 80 }] }];
    await cluster.client.create(Endpoints, "default", {
      metadata: { name: "web" },
      subsets: byHand,
    });
    await cluster.settle();

    expect(await addresses()).toEqual(["192.0.2.1"]);
  });

  test("go with their service, and come back when somebody deletes them", async () => {
    await createService();
    await cluster.settle();
    await cluster.client.delete(Endpoints, "default", "web");
    await cluster.settle();
    await get();

    await cluster.client.delete(Service, "default", "web");
    await cluster.settle();
    await expect(get()).rejects.toThrow('endpoints "web" not found');
  });

  test("are right in the end though every write meets a conflict and watches are cut", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await createService();
    for (let count = 1; count <= 9; count++) {
      await createPod(`p${count}`, `10.1.0.${count}`, { isReady: true });
      cluster.network.cutWatches();
    }
    cluster.clock.advance(60_000);
    await cluster.settle();

    expect(await addresses()).toHaveLength(9);
  });

  async function createService(
    spec: Partial<Service["spec"]> = {},
    labels?: Record<string, string>,
  ) {
    await cluster.client.create(Service, "default", {
      metadata: { name: "web", ...(labels && { labels }) },
      spec: { selector: { app: "web" }, ports: [{ port: 80 }], ...spec },
    });
  }

  async function createPod(
    name: string,
    podIP: string | undefined,
    { isReady, labels = { app: "web" } }: { isReady: boolean; labels?: Record<string, string> },
  ): Promise<Pod> {
    const spec = { nodeName: "node1", containers: [{ name: "web", image: "nginx" }] };
    const pod = await cluster.client.create(Pod, "default", { metadata: { name, labels }, spec });
    const ips = podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] };
    const status = { phase: "Running" as const, ...ips, conditions: isReady ? READY : [] };
    return cluster.client.updateStatus(Pod, { ...pod, status });
  }

  const get = () => cluster.client.get(Endpoints, "default", "web");
  async function addresses(): Promise<string[]> {
    return (
      (await get()).subsets?.flatMap((subset) => subset.addresses?.map(({ ip }) => ip) ?? []) ?? []
    );
  }
});

describe("endpoint subsets", () => {
  test("look a named port up in each pod", () => {
    const service = serviceWith({ ports: [{ name: "http", port: 80, targetPort: "web" }] });
    const subsets = subsetsOf(service, [
      podWith("a", "10.0.0.1", 8080),
      podWith("b", "10.0.0.2", 80),
    ]);

    const ports = subsets.map((subset) => [subset.ports?.[0]?.port, subset.addresses?.[0]?.ip]);
    expect(ports).toEqual([
      [80, "10.0.0.2"],
      [8080, "10.0.0.1"],
    ]);
    expect(subsets[0]!.ports).toEqual([{ name: "http", port: 80, protocol: "TCP" }]);
  });

  test("leave out a pod that has no port of that name", () => {
    const service = serviceWith({ ports: [{ port: 80, targetPort: "admin" }] });
    expect(subsetsOf(service, [podWith("a", "10.0.0.1", 80)])).toEqual([]);
  });

  test("have all ports of an address together", () => {
    const ports = [
      { name: "http", port: 80 },
      { name: "https", port: 443 },
    ];
    const [subset, ...others] = subsetsOf(serviceWith({ ports }), [podWith("a", "10.0.0.1", 80)]);
    expect(others).toEqual([]);
    expect(subset!.ports?.map(({ port }) => port)).toEqual([80, 443]);
  });

  test("count as ready what is not, where the service publishes it", () => {
    const pod = { ...podWith("a", "10.0.0.1", 80), status: { podIP: "10.0.0.1" } };
    pod.metadata.deletionTimestamp = "2014-06-06T00:00:00Z";
    expect(subsetsOf(serviceWith({}), [pod])).toEqual([]);
    const [subset] = subsetsOf(serviceWith({ publishNotReadyAddresses: true }), [pod]);
    expect(subset!.addresses).toHaveLength(1);
  });

  test("give a pod of a headless service its own name", () => {
    const pod = podWith("a", "10.0.0.1", 80);
    pod.spec = { ...pod.spec, hostname: "db-0", subdomain: "web" };
    const [subset] = subsetsOf(serviceWith({ clusterIP: "None", ports: [] }), [pod]);
    expect(subset).toEqual({ addresses: [expect.objectContaining({ hostname: "db-0" })] });
  });

  test("are of the service's address family", () => {
    const pod = podWith("a", "10.0.0.1", 80);
    pod.status!.podIPs = [{ ip: "10.0.0.1" }, { ip: "fd00::1" }];
    const [subset] = subsetsOf(serviceWith({ ipFamilies: ["IPv6"] }), [pod]);
    expect(subset!.addresses![0]!.ip).toBe("fd00::1");
  });

  test("do not depend on the order of the pods", () => {
    const pods = Array.from({ length: 20 }, (_, i) =>
      podWith(`p${i}`, `10.0.0.${i}`, 80 + (i % 3)),
    );
    const service = serviceWith({ ports: [{ port: 80, targetPort: "web" }] });
    expect(subsetsOf(service, pods.toReversed())).toEqual(subsetsOf(service, pods));
  });

  test.each([
    [900, 50, 900, 50, false],
    [900, 200, 900, 100, true],
    [1_200, 300, 1_000, 0, true],
  ])(
    "of %i ready and %i other addresses keep %i and %i",
    (ready, other, keptReady, keptOther, cut) => {
      const many = (count: number) =>
        Array.from({ length: count }, (_, i) => ({ ip: `10.0.${i >> 8}.${i & 255}` }));
      const whole = [
        { addresses: many(ready), notReadyAddresses: many(other), ports: [{ port: 80 }] },
      ];
      const { subsets, isTruncated } = truncateSubsets(whole);
      expect(isTruncated).toBe(cut);
      expect(subsets[0]!.addresses?.length ?? 0).toBe(keptReady);
      expect(subsets[0]!.notReadyAddresses?.length ?? 0).toBe(keptOther);
    },
  );

  function serviceWith(spec: Partial<Service["spec"]>): Service {
    const metadata = { name: "web", namespace: "default" };
    return {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { ports: [{ port: 80 }], ...spec },
    };
  }

  function podWith(name: string, podIP: string, containerPort: number): Pod {
    const ports = [{ name: "web", containerPort }];
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default", uid: name },
      spec: { containers: [{ name: "web", image: "nginx", ports }] },
      status: { podIP, conditions: READY },
    };
  }
});
