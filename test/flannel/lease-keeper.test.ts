/** A host's own lease over days, on a real etcd, with time that is moved by hand. */
import { Etcd3 } from "etcd3";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../../src/component/clock.ts";
import { EtcdConnection } from "../../src/component/etcd/etcd-connection.ts";
import { LEASE_SECONDS, type Lease } from "../../src/flannel/lease.ts";
import { LeaseKeeper } from "../../src/flannel/lease-keeper.ts";
import { LeaseStore } from "../../src/flannel/lease-store.ts";
import { watchLeases } from "../../src/flannel/lease-watch.ts";
import { parseAddress, parseSubnet } from "../../src/flannel/subnet.ts";
import { type CuttingProxy, startCuttingProxy } from "../support/cutting-proxy.ts";
import { startEtcd, type TestEtcd } from "../support/etcd.ts";
import { eventually } from "../support/eventually.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { describeWith } from "../support/needs.ts";
import { dumpEtcd } from "./etcd-dump.ts";
import { recordedLog } from "./flannel-host.ts";

const HOUR_MS = 3_600_000;
const KEY = "10.5.34.0-24";

describeWith(["etcd"], "a host's own lease", () => {
  let etcd: TestEtcd;
  let proxy: CuttingProxy;
  let client: Etcd3;
  let connection: EtcdConnection;
  let clock: ManualClock;
  let store: LeaseStore;
  let lease: Lease;
  let prefix: string;
  let round = 0;
  let life: AbortController;
  let keeper: LeaseKeeper;
  let onRevoked: ReturnType<typeof vi.fn<() => void>>;
  let logged: () => string;
  beforeAll(async () => {
    etcd = await startEtcd();
    client = new Etcd3({ hosts: etcd.endpoints });
  });
  afterAll(async () => {
    client?.close();
    await etcd?.stop();
  });
  beforeEach(async () => {
    prefix = `/network${++round}`;
    clock = new ManualClock();
    proxy = await startCuttingProxy(etcd.port);
    connection = new EtcdConnection([proxy.endpoint]);
    const recorded = recordedLog(clock);
    logged = recorded.logged;
    const { log } = recorded;
    // The watch's own reconnections are a matter of real time, like the network they happen in.
    store = new LeaseStore({ connection, prefix, clock: systemClock, log });
    lease = (await store.create(parseSubnet("10.5.34.0/24")!, {
      publicAddress: parseAddress("10.211.55.21")!,
      backendType: "host-gw",
    }))!;
    life = new AbortController();
    onRevoked = vi.fn<() => void>();
    keeper = new LeaseKeeper({ store, lease, renewMarginMs: HOUR_MS, clock, log, onRevoked });
    const { signal } = life;
    const onChange = (leases: readonly Lease[]) => keeper.observe(leases);
    await watchLeases({ store, clock: systemClock, log, signal, onChange });
  });
  afterEach(async () => {
    keeper.stop();
    life.abort();
    connection.close();
    await proxy.close();
  });

  const dump = () => dumpEtcd(client, `${prefix}/subnets/`);
  const etcdLease = async () => (await client.get(`${prefix}/subnets/${KEY}`).exec()).kvs[0]?.lease;
  const renewals = () => logged().split("Lease renewed, new expiration: ").length - 1;

  test("is renewed an hour before its day is over, and the next day again", async () => {
    clock.advance(23 * HOUR_MS - 1);
    expect(clock.pending).toBe(1);
    expect(await etcdLease()).toBe(lease.leaseId);
    clock.advance(1);
    await eventually(() => expect(renewals()).toBe(1));
    expect(logged()).toContain("Lease renewed, new expiration: 2014-06-07T23:00:00.000Z");
    const second = await etcdLease();
    expect(second).not.toBe(lease.leaseId);
    expect(await dump()).toMatchObject([{ ttl: LEASE_SECONDS }]);

    await eventually(() => expect(clock.pending).toBe(1));
    clock.advance(23 * HOUR_MS);
    await eventually(() => expect(renewals()).toBe(2));
    expect(await etcdLease()).not.toBe(second);
    expect(onRevoked).not.toHaveBeenCalled();
  });

  test("is renewed a minute later when etcd was not there", async () => {
    proxy.refuse();
    proxy.cut();
    clock.advance(23 * HOUR_MS);
    await eventually(() =>
      expect(logged()).toContain("Error renewing lease (trying again in 1 min)"),
    );
    expect(await etcdLease()).toBe(lease.leaseId);
    proxy.accept();
    await eventually(async () => {
      // Each minute, until it works.
      if (renewals() === 0) clock.advance(60_000);
      expect(renewals()).toBe(1);
    });
    expect(onRevoked).not.toHaveBeenCalled();
  });

  test("is known to be lost when it is removed", async () => {
    await client.delete().key(`${prefix}/subnets/${KEY}`);
    await eventually(() => expect(onRevoked).toHaveBeenCalledOnce());
    expect(clock.pending).toBe(0);
  });

  test("is known to be lost when etcd lets it expire", async () => {
    await client.leaseClient.leaseRevoke({ ID: lease.leaseId });
    await eventually(() => expect(onRevoked).toHaveBeenCalledOnce());
  });

  test("is known to be lost when another host has it", async () => {
    await client.put(`${prefix}/subnets/${KEY}`).value('{"PublicIP":"10.211.55.99"}');
    await eventually(() => expect(onRevoked).toHaveBeenCalledOnce());
    // And is not taken back.
    expect(await dump()).toMatchObject([{ value: '{"PublicIP":"10.211.55.99"}' }]);
  });

  test("becomes a reservation when it is written without an end, and a lease again", async () => {
    const { value } = (await dump())[0]!;
    await client.put(`${prefix}/subnets/${KEY}`).value(value);
    await eventually(() => expect(logged()).toContain("The lease has become a reservation"));
    expect(clock.pending).toBe(0);

    const short = await client.leaseClient.leaseGrant({ TTL: 7_200 });
    await client.put(`${prefix}/subnets/${KEY}`).value(value).lease(short.ID);
    await eventually(() => expect(clock.pending).toBe(1));
    // Two hours are left, so it is renewed in one.
    clock.advance(HOUR_MS);
    await eventually(() => expect(renewals()).toBe(1));
    expect(await dump()).toMatchObject([{ ttl: LEASE_SECONDS }]);
    expect(onRevoked).not.toHaveBeenCalled();
  });
});

describeWith(["etcd"], "the watch on all leases", () => {
  let etcd: TestEtcd;
  let client: Etcd3;
  let proxy: CuttingProxy;
  beforeAll(async () => {
    etcd = await startEtcd();
    client = new Etcd3({ hosts: etcd.endpoints });
    proxy = await startCuttingProxy(etcd.port);
  });
  afterAll(async () => {
    client?.close();
    await proxy?.close();
    await etcd?.stop();
  });

  test("learns what went while it was cut off and etcd forgot about it", async () => {
    const connection = new EtcdConnection([proxy.endpoint]);
    const { log, logged } = recordedLog(systemClock);
    const store = new LeaseStore({ connection, prefix: "/network", clock: systemClock, log });
    const life = new AbortController();
    let seen: string[] = [];
    const put = (key: string, host: number) =>
      client.put(`/network/subnets/${key}`).value(`{"PublicIP":"10.211.55.${host}"}`);
    await put("10.5.1.0-24", 1);
    await put("10.5.2.0-24", 2);
    await watchLeases({
      store,
      clock: systemClock,
      log,
      signal: life.signal,
      onChange: (leases) => {
        seen = leases.map(({ attributes }) => `${attributes.publicAddress % 256}`);
      },
    });
    expect(seen).toEqual(["1", "2"]);
    await put("10.5.3.0-24", 3);
    await eventually(() => expect(seen).toEqual(["1", "2", "3"]));

    proxy.refuse();
    proxy.cut();
    await client.delete().key("/network/subnets/10.5.1.0-24");
    await put("10.5.4.0-24", 4);
    const { header } = await client.get("x").exec();
    await client.kv.compact({ revision: header.revision });
    proxy.accept();

    await eventually(() => expect(seen).toEqual(["2", "3", "4"]));
    expect(logged()).toContain("Watch of subnet leases failed; listing them again");
    // And it goes on.
    await client.delete().key("/network/subnets/10.5.2.0-24");
    await eventually(() => expect(seen).toEqual(["3", "4"]));
    life.abort();
    connection.close();
  });
});
