/** Packets of full size between containers of different hosts, by either backend of flannel. */
import { beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { LONG_MS, type Parts, type PodPlace } from "./lab-parts.ts";
import { apply, replicationController } from "./manifests.ts";

const ICMP_AND_IP = 28;
const CONFIG = "/atomic.io/network/config";
const HOSTS = ["node2", "node1", "k8s-master"];

const BACKENDS = [
  {
    type: "vxlan",
    mtu: 1450,
    wayOut: /^10\.1\.\d+\.0\/24 via 10\.1\.\d+\.0 dev flannel\.1 onlink *$/m,
  },
  { type: "host-gw", mtu: 1500, wayOut: /^10\.1\.\d+\.0\/24 via 10\.211\.55\.22 dev eth0 *$/m },
];

export function packetsAreCarried(parts: Parts): void {
  describe.each(BACKENDS)("with flannel's backend $type", ({ type, mtu, wayOut }) => {
    let one: PodPlace;
    let two: PodPlace;
    beforeAll(async () => {
      await changeBackend(parts, type);
      await apply(parts.lab, replicationController("talker", 4));
      // What the API server says of pods is as old as their hosts until the kubelets have looked around.
      await eventually(async () => {
        const pods = await parts.podsWhen("talker", 4);
        one = pods.find(({ node }) => node === "node1")!;
        two = pods.find(({ node }) => node === "node2")!;
        for (const [from, to] of waysBetween(one, two)) {
          await parts.inPod(from, "ping", "-c1", "-W2", to.ip);
        }
      }, LONG_MS);
    }, 400_000);

    test("the way to another host's pods is the backend's", async () => {
      expect(await parts.lab.on("node1", "ip", "route")).toMatch(wayOut);
    });

    test(`containers of different hosts take packets of ${mtu} bytes from each other`, async () => {
      for (const [from, to] of waysBetween(one, two)) {
        expect(await parts.inPod(from, "cat", "/sys/class/net/eth0/mtu")).toBe(`${mtu}\n`);
        const size = `${mtu - ICMP_AND_IP}`;
        await eventually(() => parts.inPod(from, "ping", "-c1", "-W2", "-s", size, to.ip));
        const make = "dd if=/dev/urandom of=/www/big bs=1M count=8 2>&1; md5sum < /www/big";
        const sum = (await parts.inPod(to, "sh", "-c", make)).trim().split("\n").at(-1);
        const take = `timeout 120 wget -qO- http://${to.ip}/big | md5sum`;
        expect((await parts.inPod(from, "sh", "-c", take)).trim()).toBe(sum);
      }
    });
  });
}

function waysBetween(one: PodPlace, two: PodPlace) {
  return [
    [one, two],
    [two, one],
  ] as const;
}

/** As one does it by hand: the key in etcd, and then all hosts anew, for their bridges have another MTU. */
async function changeBackend(parts: Parts, type: string): Promise<void> {
  const etcdctl = "ETCDCTL_API=3 etcdctl --endpoints=http://etcd:2379";
  const found = await parts.lab.on("k8s-master", "sh", "-c", `${etcdctl} get ${CONFIG}`);
  if (found.includes(`"${type}"`)) return;
  const config = JSON.stringify({ Network: "10.1.0.0/16", Backend: { Type: type } });
  await parts.lab.on("k8s-master", "sh", "-c", `${etcdctl} put ${CONFIG} '${config}'`);
  for (const host of HOSTS) await parts.lab.hosts("stop", host);
  for (const host of HOSTS.toReversed()) await parts.lab.hosts("start", host);
  await parts.nodesAre({ node1: "Ready", node2: "Ready" });
}
