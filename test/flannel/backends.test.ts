/** What a backend tells the kernel, given what `ip` of CentOS 7 (iproute2 3.10) prints of it. */
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/component/clock.ts";
import { silentLog } from "../../src/component/log.ts";
import { seededRandom } from "../../src/component/random.ts";
import type { BackendContext } from "../../src/flannel/backends/backend.ts";
import { openBackend } from "../../src/flannel/backends/backend-list.ts";
import { parseConfig } from "../../src/flannel/config.ts";
import type { Lease } from "../../src/flannel/lease.ts";
import { parseAddress, parseSubnet } from "../../src/flannel/subnet.ts";
import { recordedLog } from "./flannel-host.ts";
import { recordedKernel } from "./recorded-commands.ts";

const LAN = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT \\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP mode DEFAULT qlen 1000\\    link/ether 00:1c:42:a2:5d:8f brd ff:ff:ff:ff:ff:ff promiscuity 0
`;
const flannel1 = (vxlan: string, mtu = 1450) =>
  `${LAN}5: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu ${mtu} qdisc noqueue state UNKNOWN mode DEFAULT \\    link/ether 82:4b:b6:2f:54:4e brd ff:ff:ff:ff:ff:ff promiscuity 0 \\    vxlan ${vxlan} ageing 300 addrgenmode eui64 \n`;
const AS_IT_SHOULD_BE = "id 1 local 10.211.55.21 dev eth0 srcport 0 0 dstport 8472 nolearning";
const ADDRESSES = `1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: eth0    inet 10.211.55.21/24 brd 10.211.55.255 scope global dynamic eth0\\       valid_lft 1435sec preferred_lft 1435sec
5: flannel.1    inet 10.5.34.0/32 scope global flannel.1\\       valid_lft forever preferred_lft forever
`;
const [LINKS, ADDRS] = ["ip -o -d link show", "ip -4 -o addr show"];
const NEIGHBOURS = "ip -4 neigh show dev flannel.1 nud permanent";
const FORWARDING = "bridge fdb show dev flannel.1";
const ROUTES = "ip -4 route show dev flannel.1";

const open = (backend: object, kernel: ReturnType<typeof recordedKernel>, log = silentLog) =>
  openBackend({
    config: parseConfig(JSON.stringify({ Network: "10.5.0.0/16", Backend: backend })),
    external: {
      name: "eth0",
      mtu: 1500,
      address: parseAddress("10.211.55.21")!,
      publicAddress: parseAddress("10.211.55.21")!,
      networks: [parseSubnet("10.211.55.0/24")!],
    },
    run: kernel.run,
    random: seededRandom(3),
    log,
  } satisfies BackendContext);

const lease = (subnet: string, host: string, mac: string): Lease => ({
  subnet: parseSubnet(subnet)!,
  attributes: {
    publicAddress: parseAddress(host)!,
    backendType: "vxlan",
    backendData: { VNI: 1, VtepMAC: mac },
  },
  leaseId: "1",
  revision: 1,
});

describe("the vxlan backend", () => {
  test("makes a device with an address of its own, for nobody's card", async () => {
    const kernel = recordedKernel({ [LINKS]: LAN, [ADDRS]: ADDRESSES.split("5: ")[0]! });
    const backend = await open({ Type: "vxlan" }, kernel);
    await backend.attach(parseSubnet("10.5.34.0/24")!);
    const { VtepMAC } = backend.data as { VtepMAC: string };
    expect(Number.parseInt(VtepMAC.slice(0, 2), 16) & 0b11).toBe(0b10);
    expect(kernel.told).toEqual([
      `ip link add flannel.1 address ${VtepMAC} type vxlan id 1 dev eth0 local 10.211.55.21 dstport 8472 nolearning`,
      "ip addr add 10.5.34.0/32 dev flannel.1",
      "ip link set dev flannel.1 mtu 1450 up",
    ]);
  });

  test("makes it as its options say", async () => {
    const kernel = recordedKernel({ [LINKS]: LAN });
    const options = { VNI: 4096, Port: 4789, GBP: true, Learning: true, MTU: 1400 };
    const backend = await open({ Type: "vxlan", ...options }, kernel);
    expect(backend).toMatchObject({ mtu: 1350, data: { VNI: 4096 } });
    expect(kernel.told[0]).toMatch(
      /^ip link add flannel\.4096 address \S+ type vxlan id 4096 dev eth0 local 10\.211\.55\.21 dstport 4789 gbp$/,
    );
  });

  test("keeps a device that is as it should be", async () => {
    const kernel = recordedKernel({ [LINKS]: flannel1(AS_IT_SHOULD_BE), [ADDRS]: ADDRESSES });
    const backend = await open({ Type: "vxlan" }, kernel);
    await backend.attach(parseSubnet("10.5.34.0/24")!);
    expect(backend.data).toEqual({ VNI: 1, VtepMAC: "82:4b:b6:2f:54:4e" });
    expect(kernel.told).toEqual([]);
  });

  test("takes the address of a former subnet off it", async () => {
    const kernel = recordedKernel({ [LINKS]: flannel1(AS_IT_SHOULD_BE, 1400), [ADDRS]: ADDRESSES });
    const backend = await open({ Type: "vxlan" }, kernel);
    await backend.attach(parseSubnet("10.5.77.0/24")!);
    expect(kernel.told).toEqual([
      "ip addr del 10.5.34.0/32 dev flannel.1",
      "ip addr add 10.5.77.0/32 dev flannel.1",
      "ip link set dev flannel.1 mtu 1450 up",
    ]);
  });

  test.each([
    ["id 2 local 10.211.55.21 dev eth0 dstport 8472 nolearning", "vni: 1 vs 2"],
    [
      "id 1 local 10.211.55.9 dev eth0 dstport 8472 nolearning",
      "vtep (external) IP: 10.211.55.21 vs 10.211.55.9",
    ],
    [
      "id 1 local 10.211.55.21 dev eth1 dstport 8472 nolearning",
      "vtep (external) interface: eth0 vs eth1",
    ],
    ["id 1 local 10.211.55.21 dev eth0 dstport 4789 nolearning", "port: 8472 vs 4789"],
    ["id 1 group 239.1.1.1 dev eth0 dstport 8472", "group: none vs one"],
  ])("makes a device anew that has %s", async (vxlan, why) => {
    const { log, logged } = recordedLog(systemClock);
    const kernel = recordedKernel({ [LINKS]: flannel1(vxlan) });
    await open({ Type: "vxlan" }, kernel, log);
    expect(kernel.told.map((line) => line.slice(0, 21))).toEqual([
      "ip link del flannel.1",
      "ip link add flannel.1",
    ]);
    expect(JSON.parse(/"(?:[^"\\]|\\.)*"/.exec(logged())![0])).toBe(
      `"flannel.1" already exists with incompatable configuration: ${why}; recreating device`,
    );
  });

  test("adds what is new, replaces what has changed, removes what is gone, leaves the rest alone", async () => {
    const kernel = recordedKernel({
      [LINKS]: flannel1(AS_IT_SHOULD_BE),
      [ADDRS]: ADDRESSES,
      [NEIGHBOURS]: `10.5.1.0 lladdr 02:00:00:00:00:01 PERMANENT
10.5.2.0 lladdr 02:00:00:00:00:ff PERMANENT
10.5.9.0 lladdr 02:00:00:00:00:09 PERMANENT
`,
      [FORWARDING]: `02:00:00:00:00:01 dst 10.211.55.1 self permanent
02:00:00:00:00:ff dst 10.211.55.2 self permanent
02:00:00:00:00:09 dst 10.211.55.9 self permanent
`,
      [ROUTES]: `10.5.1.0/24 via 10.5.1.0 onlink
10.5.2.0/24 via 10.5.2.0 onlink
10.5.9.0/24 via 10.5.9.0 onlink
10.99.0.0/24 via 10.5.1.0 onlink
10.5.0.0/16 proto kernel scope link src 10.5.34.0
`,
    });
    const backend = await open({ Type: "vxlan" }, kernel);
    await backend.attach(parseSubnet("10.5.34.0/24")!);
    await backend.sync([
      lease("10.5.1.0/24", "10.211.55.1", "02:00:00:00:00:01"),
      lease("10.5.2.0/24", "10.211.55.2", "02:00:00:00:00:02"),
      lease("10.5.3.0/24", "10.211.55.3", "02:00:00:00:00:03"),
    ]);
    expect(kernel.told).toEqual([
      "ip neigh replace 10.5.2.0 lladdr 02:00:00:00:00:02 dev flannel.1 nud permanent",
      "ip neigh replace 10.5.3.0 lladdr 02:00:00:00:00:03 dev flannel.1 nud permanent",
      "bridge fdb replace 02:00:00:00:00:02 dev flannel.1 dst 10.211.55.2 self permanent",
      "bridge fdb replace 02:00:00:00:00:03 dev flannel.1 dst 10.211.55.3 self permanent",
      "ip route del 10.5.9.0/24 via 10.5.9.0 dev flannel.1",
      "ip route replace 10.5.3.0/24 via 10.5.3.0 dev flannel.1 onlink",
      "ip neigh del 10.5.9.0 lladdr 02:00:00:00:00:09 dev flannel.1 nud permanent",
      "bridge fdb del 02:00:00:00:00:ff dev flannel.1 dst 10.211.55.2 self",
      "bridge fdb del 02:00:00:00:00:09 dev flannel.1 dst 10.211.55.9 self",
    ]);
  });

  test("passes over a lease that says nothing of a device", async () => {
    const kernel = recordedKernel({ [LINKS]: flannel1(AS_IT_SHOULD_BE), [ADDRS]: ADDRESSES });
    const backend = await open({ Type: "vxlan" }, kernel);
    await backend.attach(parseSubnet("10.5.34.0/24")!);
    await backend.sync([lease("10.5.1.0/24", "10.211.55.1", "; rm -rf /")]);
    expect(kernel.told).toEqual([]);
  });
});

describe("the host-gw backend", () => {
  test("removes only routes to subnets of the network", async () => {
    const kernel = recordedKernel({
      "ip -4 route show dev eth0": `default via 10.211.55.1 proto static metric 100
10.5.1.0/24 via 10.211.55.9
10.5.9.0/24 via 10.211.55.9
10.5.9.0/28 via 10.211.55.9
10.6.0.0/24 via 10.211.55.9
10.211.55.0/24 proto kernel scope link src 10.211.55.21 metric 100
`,
    });
    const backend = await open({ Type: "host-gw" }, kernel);
    expect(backend).toMatchObject({ type: "host-gw", mtu: 1500 });
    await backend.sync([lease("10.5.1.0/24", "10.211.55.1", "")]);
    expect(kernel.told).toEqual([
      "ip route del 10.5.9.0/24 via 10.211.55.9 dev eth0",
      "ip route replace 10.5.1.0/24 via 10.211.55.1 dev eth0",
    ]);
  });
});

describe("the alloc backend", () => {
  test("leaves the ways to others", async () => {
    const kernel = recordedKernel({});
    const backend = await open({ Type: "alloc" }, kernel);
    await backend.attach(parseSubnet("10.5.34.0/24")!);
    await backend.sync([lease("10.5.1.0/24", "10.211.55.1", "")]);
    expect(backend).toMatchObject({ type: "alloc", mtu: 1500 });
    expect(kernel.told).toEqual([]);
  });
});
