/** flanneld's ways into an etcd that does not let everybody in. */
import { Etcd3 } from "etcd3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../src/component/clock.ts";
import { parseFlags } from "../../src/component/flags.ts";
import { silentLog } from "../../src/component/log.ts";
import { flanneldArguments } from "../../src/flannel/command-line.ts";
import { connectToEtcd } from "../../src/flannel/etcd-access.ts";
import { flanneldFlags } from "../../src/flannel/flags.ts";
import { LeaseStore } from "../../src/flannel/lease-store.ts";
import { watchLeases } from "../../src/flannel/lease-watch.ts";
import { formatSubnet, parseAddress, parseSubnet } from "../../src/flannel/subnet.ts";
import { startEtcd, type TestEtcd } from "../support/etcd.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { describeWith } from "../support/needs.ts";

const connect = (...args: string[]) => {
  const { values } = parseFlags(flanneldFlags, flanneldArguments(flanneldFlags, args, {}));
  return connectToEtcd(values);
};
const storeOn = (connection: ReturnType<typeof connect>) =>
  new LeaseStore({ connection, prefix: "/network", clock: systemClock, log: silentLog });

describeWith(["etcd"], "flanneld and an etcd with users", () => {
  let etcd: TestEtcd;
  let root: Etcd3;
  beforeAll(async () => {
    etcd = await startEtcd();
    const open = new Etcd3({ hosts: etcd.endpoints });
    await open.user("root").create("secret");
    await open.role("root").create();
    await open.user("root").addRole("root");
    await open.auth.authEnable();
    open.close();
    root = new Etcd3({ hosts: etcd.endpoints, auth: { username: "root", password: "secret" } });
    await root.put("/network/config").value('{"Network":"10.5.0.0/16"}');
  });
  afterAll(async () => {
    root?.close();
    await etcd?.stop();
  });

  test("is let in with a name and a password, to read, write and watch", async () => {
    const at = `-etcd-endpoints=${etcd.endpoints[0]}`;
    const connection = connect(at, "-etcd-username=root", "-etcd-password=secret");
    const store = storeOn(connection);
    expect(await store.config()).toBe('{"Network":"10.5.0.0/16"}');
    const life = new AbortController();
    let seen: string[] = [];
    await watchLeases({
      store,
      clock: systemClock,
      log: silentLog,
      signal: life.signal,
      onChange: (leases) => {
        seen = leases.map(({ subnet }) => formatSubnet(subnet));
      },
    });
    const publicAddress = parseAddress("10.211.55.21")!;
    await store.create(parseSubnet("10.5.1.0/24")!, { publicAddress, backendType: "alloc" });
    await eventually(() => expect(seen).toEqual(["10.5.1.0/24"]));

    // Which forgets whom it has let in.
    await etcd.restart();
    await eventually(() => root.put("/network/subnets/10.5.2.0-24").value("{}"));
    await eventually(() => expect(seen).toEqual(["10.5.1.0/24", "10.5.2.0/24"]));
    life.abort();
    connection.close();
  });

  test("is told why it is not let in", async () => {
    const connection = connect(`-etcd-endpoints=${etcd.endpoints[0]}`);
    await expect(storeOn(connection).config()).rejects.toThrow(
      `etcd at ${etcd.endpoints[0]}: etcdserver: user name is empty`,
    );
    connection.close();
  });
});

describeWith(["etcd"], "flanneld and several endpoints", () => {
  let etcd: TestEtcd;
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd?.stop());

  test("takes the one that answers, to write as to read", async () => {
    const dead = `http://127.0.0.1:${await freePort()}`;
    const connection = connect(`-etcd-endpoints=${dead}, ${etcd.endpoints[0]}`);
    const store = storeOn(connection);
    const publicAddress = parseAddress("10.211.55.21")!;
    const lease = await store.create(parseSubnet("10.5.1.0/24")!, {
      publicAddress,
      backendType: "alloc",
    });
    expect((await store.list()).leases).toEqual([lease]);
    connection.close();
  });

  test("names the one that does not, and why", async () => {
    const dead = `http://127.0.0.1:${await freePort()}`;
    const connection = connect(`-etcd-endpoints=${dead}`);
    const refused = `etcd at ${dead}: connect ECONNREFUSED ${dead.slice("http://".length)}`;
    await expect(storeOn(connection).config()).rejects.toThrow(refused);
    connection.close();
  });

  test("wants a certificate and its key together", () => {
    expect(() => connect("-etcd-certfile=/etc/hostname")).toThrow(
      "--etcd-certfile and --etcd-keyfile are needed both, or none of them",
    );
    expect(() => connect("-etcd-cafile=/nowhere")).toThrow(/^--etcd-cafile: ENOENT/);
  });
});
