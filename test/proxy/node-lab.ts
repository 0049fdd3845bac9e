/**
 * A node, its pods, a pod on another node and a host outside, as network namespaces joined by veth
 * pairs. Rules are loaded in the node's namespace alone; the machine's own are never touched.
 *
 *   a, b, c 172.16.1.2-4 ---+
 *   far     172.16.2.2   ---+--- node 172.16.1.1, 192.0.2.1 ---- outside 192.0.2.10
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { commandRunner, type RunCommand } from "../../src/component/command.ts";
import { POD_PORT, PODS } from "./cases.ts";

export const NODE_IP = "192.0.2.1";
export const POD_GATEWAY = "172.16.1.1";
export const OUTSIDE_IP = "192.0.2.10";

export type Place = keyof typeof PODS | "node" | "outside";
/** How often each answer came: "a 172.16.1.1" is pod a, which saw the client under that address. */
export type Answers = Record<string, number>;

export interface Ask {
  protocol?: "tcp" | "udp";
  address: string;
  port: number;
  count?: number;
  waitMs?: number;
}

const WAIT_MS = 20_000;
/** Of this folder, though the benchmarks have this file in a bundle. */
const SCRIPTS = import.meta.url.includes("/dist/") ? "../test/proxy/lab/" : "lab/";
export const scriptAt = (name: string) => fileURLToPath(new URL(SCRIPTS + name, import.meta.url));

export class NodeLab {
  readonly #prefix: string;
  readonly #servers: ChildProcess[] = [];

  private constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** `prefix` begins the names of the namespaces: short, and no other lab's. */
  static async start(prefix = `kp${process.pid}`): Promise<NodeLab> {
    const lab = new NodeLab(prefix);
    try {
      await lab.#build();
    } catch (error) {
      await lab.stop();
      throw error;
    }
    return lab;
  }

  /** Runs programs in one of the places. */
  runIn(place: Place): RunCommand {
    return commandRunner(["nsenter", `--net=${this.netnsPath(place)}`]);
  }

  netnsPath(place: Place): string {
    return `/run/netns/${this.#nameOf(place)}`;
  }

  /** Connects from a place and counts the answers. */
  async ask(from: Place, { protocol = "tcp", address, port, count = 1, waitMs = WAIT_MS }: Ask) {
    const args = [scriptAt("count-answers.mjs"), protocol, address, `${port}`, `${count}`];
    const { stdout } = await this.runIn(from)(process.execPath, [...args, `${waitMs}`]);
    return JSON.parse(stdout) as Answers;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      if (server.exitCode !== null) continue;
      const ended = once(server, "exit");
      server.kill();
      await ended;
    }
    const run = commandRunner();
    const { stdout } = await run("ip", ["netns", "list"]);
    for (const line of stdout.split("\n")) {
      const [name = ""] = line.split(" ");
      if (name.startsWith(`${this.#prefix}-`)) await run("ip", ["netns", "delete", name]);
    }
  }

  async #build(): Promise<void> {
    const run = commandRunner();
    for (const place of [...Object.keys(PODS), "node", "outside"] as Place[]) {
      await run("ip", ["netns", "add", this.#nameOf(place)]);
      await this.#script(place, "ip link set lo up");
    }
    await this.#script("node", "echo 1 > /proc/sys/net/ipv4/ip_forward");
    await this.#script("node", "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet");
    for (const [pod, ip] of Object.entries(PODS)) await this.#addPod(pod as Place, ip);
    await this.#link("outside", "out0");
    await this.#script("node", `ip address add ${NODE_IP}/24 dev out0`);
    await this.#script("outside", `ip address add ${OUTSIDE_IP}/24 dev eth0`);
    await this.#script("outside", `ip route add default via ${NODE_IP}`);
    await this.#script("node", `ip route add default via ${OUTSIDE_IP}`);
  }

  async #addPod(pod: Place, ip: string): Promise<void> {
    await this.#link(pod, `pod-${pod}`);
    await this.#script(
      "node",
      `ip address add ${POD_GATEWAY}/32 dev pod-${pod} && ip route add ${ip}/32 dev pod-${pod}`,
    );
    await this.#script(
      pod,
      `ip address add ${ip}/32 dev eth0 && ip route add ${POD_GATEWAY}/32 dev eth0 &&
       ip route add default via ${POD_GATEWAY}`,
    );
    await this.startIn(pod, [scriptAt("echo-server.mjs"), pod, String(POD_PORT)]);
  }

  async #link(place: Place, nodeSide: string): Promise<void> {
    const other = this.#nameOf(place);
    await this.#script("node", `ip link add ${nodeSide} type veth peer name eth0 netns ${other}`);
    await this.#script("node", `ip link set ${nodeSide} up`);
    await this.#script(place, "ip link set eth0 up");
  }

  /** Starts a Node program in a place; resolves when it has said something. Ends with the lab. */
  async startIn(place: Place, args: string[]): Promise<ChildProcess> {
    const program = [`--net=${this.netnsPath(place)}`, process.execPath, ...args];
    const child = spawn("nsenter", program, { stdio: ["pipe", "pipe", "inherit"] });
    this.#servers.push(child);
    await once(child.stdout!, "data");
    return child;
  }

  #script(place: Place, script: string) {
    return this.runIn(place)("sh", ["-ec", script]);
  }

  #nameOf(place: Place): string {
    return `${this.#prefix}-${place}`;
  }
}

/** The answers without the addresses that were seen: how often each pod answered. */
export function byPod(answers: Answers): Answers {
  const counts: Answers = {};
  for (const [answer, count] of Object.entries(answers)) {
    const who = answer.split(" ")[0]!;
    counts[who] = (counts[who] ?? 0) + count;
  }
  return counts;
}
