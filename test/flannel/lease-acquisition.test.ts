/** How hosts come by their subnets, on a real etcd. */
import { Etcd3 } from "etcd3";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/component/clock.ts";
import { EtcdConnection } from "../../src/component/etcd/etcd-connection.ts";
import { seededRandom } from "../../src/component/random.ts";
import { parseConfig } from "../../src/flannel/config.ts";
import { LEASE_SECONDS } from "../../src/flannel/lease.ts";
import { acquireLease } from "../../src/flannel/lease-acquisition.ts";
import { LeaseStore } from "../../src/flannel/lease-store.ts";
import { formatSubnet, overlaps, parseAddress, parseSubnet } from "../../src/flannel/subnet.ts";
import { startEtcd, type TestEtcd } from "../support/etcd.ts";
import { describeWith } from "../support/needs.ts";
import { dumpEtcd } from "./etcd-dump.ts";
import { recordedLog } from "./flannel-host.ts";

const NODE1 = "10.211.55.21";
const DAY = LEASE_SECONDS;

describeWith(["etcd"], "a host that asks for a subnet", () => {
  let etcd: TestEtcd;
  let client: Etcd3;
  let connection: EtcdConnection;
  let prefix: string;
  let store: LeaseStore;
  let round = 0;
  let logged: () => string;
  let log: ReturnType<typeof recordedLog>["log"];
  beforeAll(async () => {
    etcd = await startEtcd();
    client = new Etcd3({ hosts: etcd.endpoints });
    connection = new EtcdConnection(etcd.endpoints);
  });
  afterAll(async () => {
    client?.close();
    connection?.close();
    await etcd?.stop();
  });
  beforeEach(() => {
    prefix = `/network${++round}`;
    ({ log, logged } = recordedLog(systemClock));
    store = new LeaseStore({ connection, prefix, clock: systemClock, log });
  });

  const ask = (
    publicIp: string,
    { network = "10.5.0.0/16", previous = "", backend = "host-gw", seed = 1, config = {} } = {},
  ) =>
    acquireLease({
      store,
      config: parseConfig(JSON.stringify({ Network: network, ...config })),
      attributes: { publicAddress: parseAddress(publicIp)!, backendType: backend },
      previous: parseSubnet(previous),
      random: seededRandom(seed),
      log,
    });
  const dump = () => dumpEtcd(client, `${prefix}/subnets/`);
  const keyOf = (subnet: string) => `${prefix}/subnets/${subnet.replace("/", "-")}`;
  const leaseOf = (publicIp: string) =>
    `{"PublicIP":"${publicIp}","PublicIPv6":null,"BackendType":"host-gw"}`;

  test("gets a lease of 24 hours, written as flannel reads it", async () => {
    const lease = await ask(NODE1);
    const subnet = formatSubnet(lease.subnet);
    expect(await dump()).toEqual([{ key: keyOf(subnet), value: leaseOf(NODE1), ttl: DAY }]);
    expect(lease.subnet.length).toBe(24);
    expect(logged()).toContain(`Allocated lease (${subnet}) to current node (10.211.55.21)`);
  });

  test("gets the same one after a restart, for another 24 hours", async () => {
    const before = await ask(NODE1);
    const after = await ask(NODE1, { seed: 99 });
    expect(after.subnet).toEqual(before.subnet);
    expect(after.leaseId).not.toBe(before.leaseId);
    expect(await dump()).toEqual([
      { key: keyOf(formatSubnet(before.subnet)), value: leaseOf(NODE1), ttl: DAY },
    ]);
    expect(logged()).toContain("for current IP (10.211.55.21), reusing");
  });

  test("finds a lease that a real flanneld wrote, and says its own in its place", async () => {
    await client
      .put(keyOf("10.5.77.0/24"))
      .value(
        `{"PublicIP":"${NODE1}","BackendType":"vxlan","BackendData":{"VtepMAC":"82:4b:b6:2f:54:4e"}}`,
      )
      .lease((await client.leaseClient.leaseGrant({ TTL: 500 })).ID);
    const lease = await ask(NODE1);
    expect(formatSubnet(lease.subnet)).toBe("10.5.77.0/24");
    expect(await dump()).toEqual([{ key: keyOf("10.5.77.0/24"), value: leaseOf(NODE1), ttl: DAY }]);
  });

  test("gives up a lease that no longer fits the config", async () => {
    const before = await ask(NODE1);
    const after = await ask(NODE1, { network: "10.6.0.0/16" });
    expect(formatSubnet(after.subnet)).toMatch(/^10\.6\.\d+\.0\/24$/);
    expect((await dump()).map(({ key }) => key)).toEqual([keyOf(formatSubnet(after.subnet))]);
    expect(logged()).toContain(
      `Found lease (${formatSubnet(before.subnet)}) for current IP (10.211.55.21) but not compatible with current config, deleting`,
    );
  });

  test("gets the subnet it had before, though its lease has run out", async () => {
    const lease = await ask(NODE1, { previous: "10.5.200.0/24" });
    expect(formatSubnet(lease.subnet)).toBe("10.5.200.0/24");
    expect(logged()).toContain("Found previously leased subnet (10.5.200.0/24), reusing");
  });

  test("gets another when the one it had before is taken, or does not fit", async () => {
    await ask("10.211.55.22", { previous: "10.5.200.0/24" });
    const other = await ask(NODE1, { previous: "10.5.200.0/24" });
    expect(formatSubnet(other.subnet)).not.toBe("10.5.200.0/24");
    const third = await ask("10.211.55.23", { previous: "10.9.1.0/24" });
    expect(formatSubnet(third.subnet)).toMatch(/^10\.5\./);
    expect(logged()).toContain(
      "Found previously leased subnet (10.9.1.0/24) that is not compatible with the Etcd network config, ignoring",
    );
  });

  test("keeps a reservation, which has no end", async () => {
    await client.put(keyOf("10.5.9.0/24")).value(leaseOf(NODE1));
    const lease = await ask(NODE1);
    expect(formatSubnet(lease.subnet)).toBe("10.5.9.0/24");
    expect(await dump()).toEqual([{ key: keyOf("10.5.9.0/24"), value: leaseOf(NODE1), ttl: 0 }]);
    await store.renew(lease);
    expect(await dump()).toEqual([{ key: keyOf("10.5.9.0/24"), value: leaseOf(NODE1), ttl: 0 }]);
  });

  test("is told when all are taken, and leaves nothing behind", async () => {
    const small = { network: "10.5.0.0/24" };
    for (const last of [1, 2, 3]) await ask(`10.211.55.${last}`, small);
    await expect(ask("10.211.55.4", small)).rejects.toThrow(
      /^out of subnets: every \/26 from 10\.5\.0\.64 to 10\.5\.0\.192 is leased\./,
    );
    expect(await dump()).toHaveLength(3);
  });

  test("passes over keys it can't read, and touches none of them", async () => {
    await client.put(`${prefix}/subnets/lock`).value("x");
    await client.put(keyOf("10.5.1.0/24")).value("not JSON");
    const config = { SubnetMin: "10.5.1.0", SubnetMax: "10.5.2.0" };
    // 10.5.1.0 looks free, and is not: only the transaction tells.
    const lease = await ask(NODE1, { config });
    expect(formatSubnet(lease.subnet)).toBe("10.5.2.0/24");
    expect(logged()).toContain("Ignoring bad subnet node");
    expect((await dump()).map(({ value }) => value)).toContain("not JSON");
  });

  test.each([
    ["10.5.0.0/16", {}],
    // No subnet to spare: each race that is lost makes the choice smaller.
    ["10.5.0.0/16", { SubnetMin: "10.5.1.0", SubnetMax: "10.5.50.0" }],
  ])("gets one of its own when 50 ask at the same instant: %s %j", async (network, config) => {
    const connections = Array.from({ length: 50 }, () => new EtcdConnection(etcd.endpoints));
    const leases = await Promise.all(
      connections.map((own, i) =>
        acquireLease({
          store: new LeaseStore({ connection: own, prefix, clock: systemClock, log }),
          config: parseConfig(JSON.stringify({ Network: network, ...config })),
          attributes: {
            publicAddress: parseAddress(`10.211.55.${i + 1}`)!,
            backendType: "host-gw",
          },
          previous: undefined,
          random: seededRandom(i),
          log,
        }),
      ),
    );
    for (const own of connections) own.close();
    const subnets = leases.map(({ subnet }) => subnet);
    for (const [i, one] of subnets.entries()) {
      expect(subnets.slice(i + 1).filter((other) => overlaps(one, other))).toEqual([]);
    }
    expect((await dump()).map(({ key, value }) => [key, value]).toSorted()).toEqual(
      leases
        .map(({ subnet }, i) => [keyOf(formatSubnet(subnet)), leaseOf(`10.211.55.${i + 1}`)])
        .toSorted(),
    );
  });

  test("gives one host one subnet, even if it is asked for twice at once", async () => {
    const [a, b] = await Promise.all([ask(NODE1, { seed: 5 }), ask(NODE1, { seed: 5 })]);
    expect(a.subnet).toEqual(b.subnet);
    expect(await dump()).toHaveLength(1);
  });
});
