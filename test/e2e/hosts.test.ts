import { availableParallelism, loadavg } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type HostsLab, hostsLab, leftBy } from "../support/hosts-lab.ts";
import { describeWith, type Need } from "../support/needs.ts";
import { faultsHeal } from "./hosts/faults.ts";
import { imagesArePulled } from "./hosts/images.ts";
import { Parts } from "./hosts/lab-parts.ts";
import { packetsAreCarried } from "./hosts/packets.ts";
import { rollingUpdateLosesNothing } from "./hosts/rolling-update.ts";
import { servicesAreReached } from "./hosts/services.ts";
import { commandsIn } from "./three-hosts-text.ts";
import { tableRows } from "./walk.ts";

const UP_WITHIN_MS = 60_000;

const NEEDS: Need[] = [
  "root",
  "docker",
  "etcd",
  "iptables",
  "kubectl",
  "busybox",
  "registry",
  "curl",
];

describeWith(NEEDS, "three hosts on one machine", () => {
  let lab: HostsLab;
  let upMs: number;
  const parts = new Parts(() => lab);

  beforeAll(async () => {
    lab = hostsLab();
    const start = performance.now();
    await lab.hosts("up");
    upMs = performance.now() - start;
  });
  afterAll(async () => {
    await lab?.hosts("down");
  });

  test(`are up within ${UP_WITHIN_MS / 1_000} seconds, or longer by as much as the machine has other work`, () => {
    const share = Math.max(1, loadavg()[0]! / availableParallelism());
    expect(upMs).toBeLessThan(UP_WITHIN_MS * share);
  });

  test("are node1 and node2 to kubectl, both Ready, each at its address", async () => {
    const nodes = tableRows(await lab.kubectl("get", "nodes", "-o", "wide"));
    expect(nodes.map(([name, status]) => [name, status])).toEqual([
      ["node1", "Ready"],
      ["node2", "Ready"],
    ]);
    expect(nodes.map((row) => row[5])).toEqual(["10.211.55.21", "10.211.55.22"]);
  });

  test("have names of their own, and know each other's", async () => {
    expect(await lab.on("node2", "hostname")).toBe("node2\n");
    expect(await lab.on("node2", "getent", "hosts", "registry")).toMatch(/^10\.211\.55\.12 /);
  });

  test("have docker0 in the subnet that flannel leased them", async () => {
    for (const host of ["k8s-master", "node1", "node2"]) {
      const file = await lab.on(host, "cat", "/run/flannel/subnet.env");
      const [, subnet = ""] = /FLANNEL_SUBNET=(\S+)/.exec(file) ?? [];
      expect(subnet).toMatch(/^10\.1\.\d+\.1\/24$/);
      expect(await lab.on(host, "ip", "-o", "addr", "show", "docker0")).toContain(subnet);
    }
  });

  test("do what docs/three-hosts.md tells the reader to do, line by line", async () => {
    const commands = commandsIn("three-hosts.md");
    expect(commands.length).toBeGreaterThan(20);
    for (const { host, line } of commands) await lab.on(host, "sh", "-c", line);
  }, 240_000);

  test("are told of in Chinese with the same commands", () => {
    expect(commandsIn("three-hosts.zh-CN.md")).toEqual(commandsIn("three-hosts.md"));
  });

  servicesAreReached(parts);
  imagesArePulled(parts);
  rollingUpdateLosesNothing(parts);
  faultsHeal(parts);
  packetsAreCarried(parts);

  test("are refused a second time", async () => {
    const { code, stderr } = await lab.tryHosts("up");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "kubeling hosts: the hosts are there already: kubeling hosts down removes them\n",
    });
  });

  test("are gone after down, with all that was theirs", async () => {
    await lab.hosts("down");
    expect(leftBy(lab.directory)).toEqual([]);
  });
});

describeWith(NEEDS, "three hosts whose start was killed", () => {
  test.each(["k8s-master 10.211.55.12 is", "node2 10.211.55.22 is", "registry:5000 has"])(
    "are gone after down, when up was killed as it said %j",
    async (said) => {
      const lab = hostsLab();
      const up = lab.startUp();
      await up.prints(said);
      await up.kill();
      expect(leftBy(lab.directory)).not.toEqual([]);
      await lab.hosts("down");
      expect(leftBy(lab.directory)).toEqual([]);
    },
  );

  test("need no down where nothing was begun", async () => {
    const lab = hostsLab();
    await lab.hosts("down");
    expect(leftBy(lab.directory)).toEqual([]);
  });
});
