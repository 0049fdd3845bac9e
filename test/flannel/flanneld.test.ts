/** flanneld as it is started on the three hosts of the course: processes, etcd on the master, systemd told. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type CommandProcess, startCommand } from "../support/kubeling-process.ts";
import { describeWith } from "../support/needs.ts";
import {
  ip,
  type LabHost,
  type NetworkLab,
  ping,
  sendOverTcp,
  startNetworkLab,
} from "./network-lab.ts";

const ETCD = "http://10.211.55.12:2379";
const PREFIX = "/atomic.io/network";

describeWith(["root", "etcd", "iptables", "busybox"], "flanneld on three hosts", () => {
  let lab: NetworkLab;
  let directory: string;
  let etcd: ChildProcess;
  let master: LabHost;
  let node1: LabHost;
  let node2: LabHost;
  let processes: CommandProcess[];
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "kubeling-flanneld-"));
    processes = [];
    lab = await startNetworkLab();
    master = await lab.addHost("master", "10.211.55.12");
    node1 = await lab.addHost("node1", "10.211.55.21");
    node2 = await lab.addHost("node2", "10.211.55.22");
    await startEtcd();
  });
  afterEach(async () => {
    await Promise.all(processes.map((one) => one.kill()));
    etcd.kill("SIGKILL");
    await once(etcd, "exit");
    lab.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  const startEtcd = async () => {
    etcd = startEtcdOn(master, join(directory, "etcd"));
    await eventually(() => etcdctl("endpoint", "health"));
  };
  const etcdctl = async (...args: string[]) =>
    (
      await master.run("env", ["ETCDCTL_API=3", "etcdctl", `--endpoints=${ETCD}`, ...args])
    ).stdout.trim();
  const configure = (config: object) => etcdctl("put", `${PREFIX}/config`, JSON.stringify(config));
  const fileOf = (host: LabHost) => join(directory, `${host.name}.env`);
  const start = (host: LabHost, args: string[] = [], env = {}) => {
    const all = [`-etcd-endpoints=${ETCD}`, `-etcd-prefix=${PREFIX}`, ...args];
    const enter = ["nsenter", `--net=/run/netns/${host.namespace}`];
    const flanneld = startCommand(
      "flanneld",
      all,
      { FLANNELD_SUBNET_FILE: fileOf(host), ...env },
      enter,
    );
    processes.push(flanneld);
    return flanneld;
  };
  const subnetOf = (host: LabHost) =>
    eventually(() => {
      const text = readFileSync(fileOf(host), "utf8");
      return /^FLANNEL_SUBNET=(.*)$/m.exec(text)![1]!;
    });
  const wayTo = (host: LabHost, subnet: string) =>
    ip(host, `route show ${subnet.replace(/\d+\/24$/, "0/24")}`);

  test("makes one network of them, and masquerades what leaves it", async () => {
    await configure({ Network: "10.5.0.0/16", Backend: { Type: "vxlan" } });
    const hosts = [master, node1, node2];
    for (const host of hosts) start(host, ["-ip-masq"]);
    const subnets = await Promise.all(hosts.map(subnetOf));
    expect(new Set(subnets).size).toBe(3);
    expect(readFileSync(fileOf(node1), "utf8")).toBe(
      `FLANNEL_NETWORK=10.5.0.0/16\nFLANNEL_SUBNET=${subnets[1]}\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n`,
    );
    // Docker's policy since 1.13.
    for (const host of hosts) await host.run("iptables", ["-P", "FORWARD", "DROP"]);
    const pods = await Promise.all(hosts.map((host, i) => lab.addPod(host, subnets[i]!, 1450)));
    await eventually(() => ping(pods[1]!, pods[2]!.address, 1450));
    expect(await sendOverTcp(pods[1]!, pods[2]!, 1_000_000)).toEqual({
      isWhole: true,
      from: pods[1]!.address,
    });
    // To another host itself: outside of the network, so in the address of the own host.
    const outside = { ...node2, address: "10.211.55.22" };
    expect(await sendOverTcp(pods[1]!, outside, 1_000)).toEqual({
      isWhole: true,
      from: "10.211.55.21",
    });

    const keys = await etcdctl("get", "--prefix", `${PREFIX}/subnets`, "--write-out=fields");
    for (const subnet of subnets) {
      expect(keys).toContain(`"${PREFIX}/subnets/${subnet.replace(/1\/24$/, "0-24")}"`);
    }
  });

  test("says that it is ready when the subnet file is written, ends with 0, and is back as it was", async () => {
    await configure({ Network: "10.5.0.0/16", Backend: { Type: "host-gw" } });
    const told = join(directory, "told");
    const notify = join(directory, "systemd-notify");
    writeFileSync(notify, `#!/bin/sh\n{ echo "$2"; grep SUBNET ${fileOf(node1)}; } >> ${told}\n`);
    chmodSync(notify, 0o755);
    const env = { NOTIFY_SOCKET: "@here", PATH: `${directory}:${process.env.PATH}` };
    start(node2);
    const first = start(node1, ["--healthz-port=10256"], env);
    const subnet = await subnetOf(node1);
    await eventually(() =>
      expect(readFileSync(told, "utf8")).toBe(`READY=1\nFLANNEL_SUBNET=${subnet}\n`),
    );
    const { stdout } = await node1.run("busybox", [
      "wget",
      "-qO-",
      "http://127.0.0.1:10256/healthz",
    ]);
    expect(stdout).toBe("ok");

    const other = await subnetOf(node2);
    const isThere = async () => expect(await wayTo(node1, other)).toContain("via 10.211.55.22");
    await eventually(isThere);

    await first.stop();
    expect(await first.ended).toBe(0);
    expect(existsSync(fileOf(node1))).toBe(true);
    // The ways stay: pods go on without the daemon.
    await isThere();
    const second = start(node1);
    await second.prints(`This host's subnet is ${subnet.replace(/1\/24$/, "0/24")}`);
  });

  test("waits for etcd and for the config, and says so once", async () => {
    etcd.kill("SIGSTOP");
    const flanneld = start(node1, [], { FLANNELD_ETCD_ENDPOINTS: "http://ignored:1" });
    await flanneld.prints("Using interface with name eth0 and address 10.211.55.21");
    etcd.kill("SIGCONT");
    await flanneld.prints(
      "flannel config not found in etcd store at /atomic.io/network/config. Did you create your config using etcdv3 API?",
    );
    await configure({ Network: "10.5.0.0/30" });
    await flanneld.prints("network is too small. Minimum useful network prefix is /28");
    await configure({ Network: "10.5.0.0/16", Backend: { Type: "host-gw" } });
    expect(await subnetOf(node1)).toMatch(/^10\.5\.\d+\.1\/24$/);
    expect(flanneld.output().split("Did you create").length - 1).toBe(1);
  });

  test("ends with 1 when its lease is revoked, and gets the same subnet when it is started again", async () => {
    await configure({ Network: "10.5.0.0/16", Backend: { Type: "vxlan" } });
    const first = start(node1);
    const subnet = await subnetOf(node1);
    await first.prints("This host's subnet is");
    await etcdctl("del", "--prefix", `${PREFIX}/subnets/`);
    expect(await first.ended).toBe(1);
    expect(first.output()).toContain("Lease has been revoked. Shutting down daemon.");
    const second = start(node1);
    await second.prints("This host's subnet is");
    expect(await subnetOf(node1)).toBe(subnet);
    expect(second.output()).toContain("Found previously leased subnet");
  });

  test("heals: killed, its device deleted, its routes deleted", async () => {
    await configure({ Network: "10.5.0.0/16", Backend: { Type: "vxlan" } });
    start(node2);
    const first = start(node1);
    const other = await subnetOf(node2);
    await eventually(async () => expect(await wayTo(node1, other)).toContain("onlink"));
    await first.kill();
    await ip(node1, "route flush dev flannel.1");
    await ip(node1, "link set flannel.1 down");
    start(node1);
    await eventually(async () => expect(await wayTo(node1, other)).toContain("onlink"));
    await ip(node1, "link del flannel.1");
    await eventually(async () => expect(await wayTo(node1, other)).toContain("onlink"));
    const pod = await lab.addPod(node2, other, 1450);
    await eventually(() => ping(node1, pod.address, 1450));
  });

  test("goes on when etcd does, and learns what has changed", async () => {
    await configure({ Network: "10.5.0.0/16", Backend: { Type: "host-gw" } });
    const endpoints = `-etcd-endpoints=http://10.211.55.12:4001,${ETCD}`;
    const flanneld = start(node1, [endpoints]);
    start(node2);
    const other = await subnetOf(node2);
    await eventually(async () => expect(await wayTo(node1, other)).toContain("via 10.211.55.22"));
    etcd.kill("SIGKILL");
    await once(etcd, "exit");
    await flanneld.prints("The watch on etcd broke; resuming");
    expect(await wayTo(node1, other)).toContain("via 10.211.55.22");
    await startEtcd();
    start(master);
    const third = await subnetOf(master);
    await eventually(async () => expect(await wayTo(node1, third)).toContain("via 10.211.55.12"));
    expect(flanneld.child.exitCode).toBeNull();
  });

  test("tells its version, which is that of the flannel it works with", async () => {
    const flanneld = start(node1, ["-version"]);
    expect(await flanneld.ended).toBe(0);
    expect(flanneld.output()).toBe("v0.20.2\n");
  });

  test.each([
    [
      { Network: "10.211.55.0/24", Backend: { Type: "vxlan" } },
      "Network 10.211.55.0/24 overlaps the hosts' own network: 10.211.55.0/24, eth0 of this host has the address 10.211.55.21 in it.",
    ],
    [{ Network: "10.5.0.0/16" }, 'the backend "udp"'],
    [{ Network: "10.5.0.0/16", Backend: { Type: "Pigeon" } }, "unknown backend type: pigeon"],
    [
      { Network: "10.5.0.0/16", Backend: { Type: "vxlan", VNI: "one" } },
      "error decoding VXLAN backend config: json: cannot unmarshal string into Go struct field Backend.VNI of type uint",
    ],
  ])("refuses %j, and touches nothing", async (config, why) => {
    await configure(config);
    const flanneld = start(node1);
    expect(await flanneld.ended).toBe(1);
    expect(flanneld.output()).toContain(`flanneld: ${why}`);
    expect(await etcdctl("get", "--prefix", `${PREFIX}/subnets`)).toBe("");
    expect(await ip(node1, "-o link show")).not.toContain("flannel");
    expect(existsSync(fileOf(node1))).toBe(false);
  });

  test("works with what it suggests itself", async () => {
    await configure({ Network: "10.211.55.0/24" });
    const refused = start(node1);
    await refused.ended;
    const [, command = "", config = ""] =
      /ETCDCTL_API=3 etcdctl put (\S+) '(.*)'/.exec(refused.output()) ?? [];
    expect(command).toBe(`${PREFIX}/config`);
    await etcdctl("put", command, config);
    start(node1);
    expect(await subnetOf(node1)).toMatch(/^10\.1\.\d+\.1\/24$/);
  });

  test("refuses the fourth host where there are three subnets", async () => {
    await configure({ Network: "10.5.0.0/24", Backend: { Type: "host-gw" } });
    const fourth = await lab.addHost("node3", "10.211.55.23");
    for (const host of [master, node1, node2]) start(host);
    await Promise.all([master, node1, node2].map(subnetOf));
    const flanneld = start(fourth);
    expect(await flanneld.ended).toBe(1);
    expect(flanneld.output()).toContain(
      "flanneld: Error registering network: failed to acquire lease: out of subnets: every /26 from " +
        "10.5.0.64 to 10.5.0.192 is leased.",
    );
  });

  test("behind a NAT, does not take host-gw", async () => {
    await configure({ Network: "10.5.0.0/16", Backend: { Type: "host-gw" } });
    const flanneld = start(node1, ["-public-ip", "203.0.113.7"]);
    expect(await flanneld.ended).toBe(1);
    expect(flanneld.output()).toContain(
      "your PublicIP differs from interface IP, meaning that probably you're on a NAT, which is not supported by host-gw backend",
    );
  });
});

function startEtcdOn({ namespace }: LabHost, directory: string): ChildProcess {
  return spawn(
    "nsenter",
    [
      `--net=/run/netns/${namespace}`,
      "etcd",
      `--data-dir=${directory}`,
      `--listen-client-urls=${ETCD}`,
      `--advertise-client-urls=${ETCD}`,
      "--listen-peer-urls=http://127.0.0.1:2380",
      "--unsafe-no-fsync",
    ],
    { stdio: "ignore" },
  );
}
