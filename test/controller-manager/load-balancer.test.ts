import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Service } from "../../src/api/service.ts";
import { AddressPool } from "../../src/controller-manager/load-balancer/address-pool.ts";
import {
  CLEANUP_FINALIZER,
  loadBalancerController,
} from "../../src/controller-manager/load-balancer.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";
import { WorkloadLab } from "./workload-lab.ts";

let cluster: Cluster;
let lab: WorkloadLab;
beforeEach(async () => {
  const pool = new AddressPool(["192.168.200.10-192.168.200.11"]);
  cluster = await startCluster({ controllers: [loadBalancerController(pool)] });
  lab = new WorkloadLab(cluster);
});
afterEach(() => cluster.stop());

describe("a service of type LoadBalancer", () => {
  test("gets an address of the pool, and a finalizer", async () => {
    await create("web");
    await cluster.settle();

    const { metadata, status } = await get("web");
    expect(status!.loadBalancer).toEqual({ ingress: [{ ip: "192.168.200.10", ipMode: "VIP" }] });
    expect(metadata.finalizers).toEqual([CLEANUP_FINALIZER]);
    expect(await lab.told("Service")).toEqual([
      "EnsuringLoadBalancer Ensuring load balancer",
      "EnsuredLoadBalancer Ensured load balancer",
    ]);
  });

  test("gets the address it asks for, if that is in the pool and free", async () => {
    await create("web", { loadBalancerIP: "192.168.200.11" });
    await create("again", { loadBalancerIP: "192.168.200.11" });
    await create("elsewhere", { loadBalancerIP: "10.0.0.1" });
    await cluster.settle();

    expect(await addressOf("web")).toBe("192.168.200.11");
    expect(await addressOf("again")).toBeUndefined();
    expect(await addressOf("elsewhere")).toBeUndefined();
    expect(await lab.told("Service")).toEqual(
      expect.arrayContaining([
        "SyncLoadBalancerFailed Error syncing load balancer: failed to ensure load balancer: the address 192.168.200.11 belongs to another service",
        "SyncLoadBalancerFailed Error syncing load balancer: failed to ensure load balancer: the address 10.0.0.1 is not in 192.168.200.10-192.168.200.11",
      ]),
    );
  });

  test("waits where the pool is empty, says so, and gets the next that comes free", async () => {
    for (const name of ["one", "two", "three"]) {
      await create(name);
      await cluster.settle();
    }
    expect(await addressOf("three")).toBeUndefined();
    expect(await lab.told("Service")).toContain(
      "SyncLoadBalancerFailed Error syncing load balancer: failed to ensure load balancer: no address is free in 192.168.200.10-192.168.200.11",
    );

    await cluster.client.delete(Service, "default", "one");
    await cluster.settle();
    expect(await addressOf("three")).toBe("192.168.200.10");
    await expect(get("one")).rejects.toThrow('services "one" not found');
  });

  test("loses address and finalizer when it becomes of another type", async () => {
    await create("web");
    await cluster.settle();
    await cluster.client.patch(Service, "default", "web", { spec: { type: "ClusterIP" } });
    await cluster.settle();

    const { metadata, status } = await get("web");
    expect(metadata.finalizers).toBeUndefined();
    expect(status!.loadBalancer).toEqual({});
    expect(await lab.told("Service")).toContain("DeletedLoadBalancer Deleted load balancer");
  });

  test("of another class is left alone", async () => {
    await create("web", { loadBalancerClass: "example.com/other" });
    await cluster.settle();
    expect((await get("web")).metadata.finalizers).toBeUndefined();
  });

  test("keeps its address over a restart, and many at once have each their own", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await Promise.all([create("one"), create("two")]);
    cluster.network.cutWatches();
    await cluster.pass(60_000, 30_000);
    const before = [await addressOf("one"), await addressOf("two")];
    expect([...before].sort()).toEqual(["192.168.200.10", "192.168.200.11"]);
    cluster.network.cutWatches();
    cluster.clock.advance(5 * 3_600_000);
    await cluster.pass(60_000, 30_000);
    expect([await addressOf("one"), await addressOf("two")]).toEqual(before);
  });
});

describe("a pool of addresses", () => {
  test("is given as ranges, blocks or single addresses", () => {
    const pool = new AddressPool(["10.0.0.1", "10.0.1.0/31", "10.0.2.1-10.0.2.2"]);
    const taken = new Set<string>();
    for (let next = pool.free(taken); next !== undefined; next = pool.free(taken)) taken.add(next);
    expect([...taken]).toEqual(["10.0.0.1", "10.0.1.0", "10.0.1.1", "10.0.2.1", "10.0.2.2"]);
  });

  test.each(["10.0.0.9-10.0.0.1", "fd00::/64", "web", "10.0.0.0/33"])("is not %s", (range) => {
    expect(() => new AddressPool([range])).toThrow(
      `${JSON.stringify(range)} is no range of IPv4 addresses (10.0.0.1-10.0.0.9, 10.0.0.0/28 or 10.0.0.1)`,
    );
  });
});

function create(name: string, spec: Partial<Service["spec"]> = {}) {
  return cluster.client.create(Service, "default", {
    metadata: { name },
    spec: { type: "LoadBalancer", ports: [{ port: 80 }], selector: { app: name }, ...spec },
  });
}

const get = (name: string) => cluster.client.get(Service, "default", name);
const addressOf = async (name: string) => (await get(name)).status?.loadBalancer?.ingress?.[0]?.ip;
