/** Pods on different hosts reach each other: three hosts in namespaces, one real etcd, the real kernel. */
import { readFileSync } from "node:fs";
import { Etcd3 } from "etcd3";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startEtcd, type TestEtcd } from "../support/etcd.ts";
import { eventually } from "../support/eventually.ts";
import { describeWith } from "../support/needs.ts";
import { type FlannelHost, startFlannel } from "./flannel-host.ts";
import {
  ip,
  type LabHost,
  type NetworkLab,
  ping,
  sendOverTcp,
  startNetworkLab,
} from "./network-lab.ts";

const FOUR_MEGABYTES = 4_000_000;

describeWith(["root", "etcd", "busybox"], "a flannel network", () => {
  let etcd: TestEtcd;
  let client: Etcd3;
  let lab: NetworkLab;
  let prefix: string;
  let round = 0;
  let running: FlannelHost[];
  let master: LabHost;
  let node1: LabHost;
  let node2: LabHost;
  beforeAll(async () => {
    etcd = await startEtcd();
    client = new Etcd3({ hosts: etcd.endpoints });
  });
  afterAll(async () => {
    client?.close();
    await etcd?.stop();
  });
  beforeEach(async () => {
    prefix = `/atomic.io/network${++round}`;
    running = [];
    lab = await startNetworkLab();
    master = await lab.addHost("master", "10.211.55.12");
    node1 = await lab.addHost("node1", "10.211.55.21");
    node2 = await lab.addHost("node2", "10.211.55.22");
  });
  afterEach(async () => {
    await Promise.all(running.map((flannel) => flannel.stop()));
    lab.remove();
  });

  const start = async (host: LabHost, more = {}): Promise<FlannelHost> => {
    const flannel = await startFlannel(host, { endpoints: etcd.endpoints, prefix, ...more });
    running.push(flannel);
    return flannel;
  };
  const startAll = async (backend: object) => {
    const config = JSON.stringify({ Network: "10.5.0.0/16", Backend: backend });
    await client.put(`${prefix}/config`).value(config);
    return Promise.all([master, node1, node2].map((host) => start(host)));
  };
  const gatewayOf = ({ subnet }: FlannelHost) => subnet.split("/")[0]!;
  const mtuIn = ({ subnetFile }: FlannelHost) =>
    Number(/^FLANNEL_MTU=(\d+)$/m.exec(readFileSync(subnetFile, "utf8"))![1]);

  test.each([
    { Type: "vxlan", mtu: 1450 },
    { Type: "host-gw", mtu: 1500 },
    { Type: "vxlan", VNI: 7, Port: 4789, mtu: 1450 },
    { Type: "vxlan", DirectRouting: true, mtu: 1450 },
  ])("carries packets of full size from any pod to any other: %j", async ({ mtu, ...backend }) => {
    const flannels = await startAll(backend);
    expect(flannels.map(mtuIn)).toEqual([mtu, mtu, mtu]);
    const hosts = [master, node1, node2];
    const pods = await Promise.all(
      hosts.map((host, i) => lab.addPod(host, flannels[i]!.subnet, mtu)),
    );
    for (const from of pods) {
      for (const to of pods) await eventually(() => ping(from, to.address, mtu));
    }
    // Nobody wears another address on the way.
    expect(await sendOverTcp(pods[1]!, pods[2]!, FOUR_MEGABYTES)).toEqual({
      isWhole: true,
      from: pods[1]!.address,
    });
    // And from a host, too, which the pod sees with an address it can answer.
    await ping(master, pods[2]!.address, mtu);
  });

  test("leads to each subnet through its .0 address on flannel.1", async () => {
    const [, one, two] = await startAll({ Type: "vxlan" });
    const gateway = gatewayOf(two!);
    const { VtepMAC } = two!.lease.attributes.backendData as { VtepMAC: string };
    const look = () =>
      Promise.all([
        ip(node1, `route show ${two!.subnet}`),
        ip(node1, "neigh show dev flannel.1 nud permanent"),
        node1.run("bridge", ["fdb", "show", "dev", "flannel.1"]).then(({ stdout }) => stdout),
      ]);
    await eventually(async () => {
      const [route, neighbours, forwarding] = await look();
      expect(route.trim()).toBe(`${two!.subnet} via ${gateway} dev flannel.1 onlink`);
      expect(neighbours).toContain(`${gateway} lladdr ${VtepMAC} PERMANENT`);
      expect(forwarding).toContain(`${VtepMAC} dst 10.211.55.22 self permanent`);
    });
    expect(await ip(node1, "-4 -o addr show dev flannel.1")).toContain(
      `inet ${gatewayOf(one!)}/32 `,
    );
    expect(await ip(node1, "-d link show flannel.1")).toMatch(
      /mtu 1450 [\s\S]*vxlan id 1 local 10\.211\.55\.21 dev eth0 .*dstport 8472 nolearning/,
    );
  });

  test("needs no tunnel to a host on the same link, if it is told so", async () => {
    const [, , two] = await startAll({ Type: "vxlan" });
    const route = () => ip(node1, `route show ${two!.subnet}`);
    await eventually(async () => expect(await route()).toContain("dev flannel.1 onlink"));
    await Promise.all(running.splice(0).map((flannel) => flannel.stop()));

    await startAll({ Type: "vxlan", DirectRouting: true });
    const direct = `${two!.subnet} via 10.211.55.22 dev eth0`;
    await eventually(async () => expect((await route()).trim()).toBe(direct));
    await eventually(async () => {
      const { stdout } = await node1.run("bridge", ["fdb", "show", "dev", "flannel.1"]);
      expect(stdout).not.toContain("10.211.55.22");
    });
  });

  test.each([{ Type: "vxlan" }, { Type: "host-gw" }])(
    "is not cut off by bad leases: %j",
    async (backend) => {
      const put = (key: string, value: object) =>
        client.put(`${prefix}/subnets/${key}`).value(JSON.stringify(value));
      const BackendType = backend.Type;
      // Sorted before all others: of nobody, of a host no gateway leads to, of another tongue, of nothing.
      await put("10.5.0.0-28", { BackendType, BackendData: { VtepMAC: "02:00:00:00:00:01" } });
      await put("10.5.0.16-28", {
        PublicIP: "0.0.0.1",
        BackendType,
        BackendData: { VtepMAC: "01:00:5e:00:00:01" },
      });
      await put("10.5.0.32-28", { PublicIP: "10.211.55.77", BackendType: "ipip" });
      await put("10.5.0.48-28", { PublicIP: "10.211.55.78", BackendType, BackendData: "x" });
      const [one, , two] = await startAll(backend);
      await eventually(async () =>
        expect(await ip(node1, `route show ${two!.subnet}`)).toContain("via"),
      );
      expect(one!.logged()).toContain(`ignoring subnet(10.5.0.0/28): no PublicIP`);
      expect(one!.logged()).toContain(
        `ignoring non-${BackendType} subnet(10.5.0.32/28): type=ipip`,
      );
      expect(one!.logged()).toContain("Could not tell the kernel the way to all subnets");
    },
  );

  test.each([{ Type: "vxlan" }, { Type: "host-gw" }])(
    "forgets the way to a host whose lease goes, and finds it again: %j",
    async (backend) => {
      const [, , two] = await startAll(backend);
      const route = () => ip(node1, `route show ${two!.subnet}`);
      await eventually(async () => expect(await route()).toContain("via"));

      await two!.stop();
      // Its pods go on while it is restarted.
      expect(await route()).toContain("via");
      await client.delete().key(`${prefix}/subnets/${two!.subnet.replace("/", "-")}`);
      await eventually(async () => expect(await route()).toBe(""));
      if (backend.Type === "vxlan") {
        await eventually(async () => {
          const { stdout } = await node1.run("bridge", ["fdb", "show", "dev", "flannel.1"]);
          const neighbours = await ip(node1, "neigh show dev flannel.1");
          expect(stdout + neighbours).not.toMatch(
            new RegExp(`10\\.211\\.55\\.22|${gatewayOf(two!)}`),
          );
        });
      }
      const again = await start(node2);
      await eventually(async () =>
        expect(await ip(node1, `route show ${again.subnet}`)).toContain("via"),
      );
    },
  );
});
