/**
 * A LAN in network namespaces: hosts with an eth0 each on one bridge, and pods behind the docker0 of
 * each host. Nothing outside of these namespaces is touched, and they go with the test, whatever happens.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { commandRunner, type RunCommand } from "../../src/component/command.ts";

const NAME = "klfl";

export interface LabHost {
  name: string;
  namespace: string;
  run: RunCommand;
}

export interface NetworkLab {
  /** A host with this address on eth0, of a /24, and a default route through .1. */
  addHost(name: string, address: string): Promise<LabHost>;
  /** What Docker does: a bridge with the first address of the subnet, and a pod behind it. */
  addPod(host: LabHost, subnet: string, mtu: number): Promise<LabHost & { address: string }>;
  remove(): void;
}

export async function startNetworkLab(): Promise<NetworkLab> {
  removeLeftovers();
  const names = new Set<string>();
  const remove = () => {
    for (const name of names) execFileSync("ip", ["netns", "del", name]);
    names.clear();
  };
  process.once("exit", remove);
  const addNamespace = async (name: string): Promise<LabHost> => {
    const namespace = `${NAME}${process.pid}-${name}`;
    await commandRunner()("ip", ["netns", "add", namespace]);
    names.add(namespace);
    const run = commandRunner(["nsenter", `--net=/run/netns/${namespace}`]);
    await run("ip", ["link", "set", "lo", "up"]);
    return { name, namespace, run };
  };
  const lan = await addNamespace("lan");
  await ip(lan, "link add lan0 type bridge");
  await ip(lan, "link set lan0 up");
  let links = 0;

  return {
    async addHost(name, address) {
      const host = await addNamespace(name);
      const peer = `h${++links}`;
      await ip(host, `link add eth0 type veth peer name ${peer} netns ${lan.namespace}`);
      await ip(lan, `link set ${peer} master lan0 up`);
      await ip(host, `addr add ${address}/24 dev eth0`);
      await ip(host, "link set eth0 up");
      await ip(host, `route add default via ${address.replace(/\d+$/, "1")}`);
      await host.run("sysctl", ["-qw", "net.ipv4.ip_forward=1"]);
      return host;
    },
    async addPod(host, subnet, mtu) {
      const base = subnet.split("/")[0]!.replace(/\d+$/, "");
      const length = subnet.split("/")[1]!;
      const [gateway, address] = [`${base}1`, `${base}2`];
      const pod = await addNamespace(`${host.name}-pod${++links}`);
      await ip(host, "link add docker0 type bridge");
      await ip(host, `addr add ${gateway}/${length} dev docker0`);
      await ip(host, `link add veth0 type veth peer name eth0 netns ${pod.namespace}`);
      await ip(host, `link set veth0 mtu ${mtu} master docker0 up`);
      await ip(host, "link set docker0 up");
      await ip(pod, `addr add ${address}/${length} dev eth0`);
      await ip(pod, `link set eth0 mtu ${mtu} up`);
      await ip(pod, `route add default via ${gateway}`);
      return { ...pod, address };
    },
    remove() {
      process.off("exit", remove);
      remove();
    },
  };
}

/** `ip` in the namespace; resolves to what it prints. */
export async function ip(host: LabHost, command: string): Promise<string> {
  return (await host.run("ip", command.split(" "))).stdout;
}

/** One packet of this many bytes, headers included, and the answer. Rejects when none comes. */
export async function ping(from: LabHost, address: string, size = 100): Promise<void> {
  const ICMP_AND_IP = 28;
  await from.run("busybox", ["ping", "-c1", "-W2", "-s", `${size - ICMP_AND_IP}`, address]);
}

const SERVE = `
  const { createHash } = require("node:crypto");
  require("node:net").createServer({ allowHalfOpen: true }, (socket) => {
    const hash = createHash("sha256");
    socket.on("data", (part) => hash.update(part)).on("end", () => socket.end(
      hash.digest("hex") + " " + socket.remoteAddress));
  }).listen(8080, "0.0.0.0", () => process.stdout.write("listening"));`;
const SEND = `
  const { createHash, randomBytes } = require("node:crypto");
  const bytes = randomBytes(Number(process.argv[2]));
  const sent = createHash("sha256").update(bytes).digest("hex");
  const socket = require("node:net").connect(8080, process.argv[1], () => socket.end(bytes));
  socket.setTimeout(60000, () => socket.destroy(new Error("no answer")));
  let answer = "";
  socket.on("data", (part) => (answer += part)).on("close", () => {
    const [received, from] = answer.split(" ");
    process.stdout.write(JSON.stringify({ isWhole: received === sent, from }));
  });`;

/**
 * Sends so many bytes over TCP, and has them hashed at the other end. `from`: the address the
 * receiver sees.
 */
export async function sendOverTcp(
  from: LabHost,
  to: LabHost & { address: string },
  bytes: number,
): Promise<{ isWhole: boolean; from: string }> {
  const server = spawn("nsenter", [
    `--net=/run/netns/${to.namespace}`,
    process.execPath,
    "-e",
    SERVE,
  ]);
  try {
    await new Promise<void>((resolve, reject) => {
      server.stdout.once("data", () => resolve());
      server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    });
    const { stdout } = await from.run(process.execPath, ["-e", SEND, to.address, `${bytes}`]);
    return JSON.parse(stdout);
  } finally {
    server.removeAllListeners("exit");
    server.kill("SIGKILL");
  }
}

/** Of test runs that were killed. */
function removeLeftovers(): void {
  const all = existsSync("/run/netns") ? readdirSync("/run/netns") : [];
  for (const name of all) {
    const pid = new RegExp(`^${NAME}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) execFileSync("ip", ["netns", "del", name]);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
