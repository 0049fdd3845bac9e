/**
 * Simulated nodes: node1 to nodeN, each a real kubelet on a simulated runtime. Nothing of the machine
 * is used but this process: pods, addresses and files are in memory.
 */
import type { Server } from "node:http";
import type { ComponentContext } from "../client/control-loop.ts";
import type { Clock } from "../component/clock.ts";
import { linkedPair } from "../component/linked-pair.ts";
import type { Random } from "../component/random.ts";
import { startKubelet } from "../kubelet/kubelet.ts";
import { goArchitecture, type Machine } from "../kubelet/node/machine.ts";
import { createKubeletServer } from "../kubelet/server/server.ts";
import { SimulatedFiles } from "../simulator/files.ts";
import { SimulatedNetwork } from "../simulator/network.ts";
import { SimulatedRuntime } from "../simulator/runtime.ts";
import type { Nodes } from "./cluster.ts";

const GIBIBYTE = 2 ** 30;
/** The course's node1 is 10.211.55.21, its node2 10.211.55.22. */
const FIRST_NODE_IP = [10, 211, 55, 21] as const;
const FIRST_POD_NETWORK = [10, 244, 1, 0] as const;
/** Nothing has to be looked for where the runtime tells of every change. */
const RELIST_MS = 60_000;
export const MOST_NODES = 2_000;

export interface SimulatedNodesOptions {
  count: number;
  clusterDns: string[];
  clock: Clock;
  random: Random;
}

export function createSimulatedNodes({
  count,
  clusterDns,
  clock,
  random,
}: SimulatedNodesOptions): Nodes {
  const names = Array.from({ length: count }, (_, i) => `node${i + 1}`);
  const network = new SimulatedNetwork();
  const servers = new Map<string, Server>();

  async function start(name: string, context: ComponentContext): Promise<void> {
    const i = names.indexOf(name);
    const files = new SimulatedFiles();
    const nodeIP = address(FIRST_NODE_IP, i);
    const podCIDR = `${address(FIRST_POD_NETWORK, i * 256)}/24`;
    const runtime = new SimulatedRuntime({ clock, random, network, files, podCIDR, nodeIP });
    const kubelet = await startKubelet(context, {
      nodeName: name,
      runtime,
      ...{ nodeIP, podCIDR, files },
      // Without one, a simulated pod has no node's DNS to fall back to either, and no warning helps.
      ...(clusterDns.length > 0 ? { clusterDns } : {}),
      machine: machineOf(name),
      connect: (host, port) => network.connect(host, port),
      relistMs: RELIST_MS,
    });
    servers.set(name, createKubeletServer(kubelet));
  }

  function connect(name: string) {
    const server = servers.get(name);
    if (!server) return undefined;
    const [ours, theirs] = linkedPair();
    server.emit("connection", theirs);
    return ours;
  }

  return { names, start, connect, dial: (host, port) => network.connect(host, port) };
}

/** The address `offset` after `first`. */
function address(first: readonly number[], offset: number): string {
  const value = first.reduce((sum, byte) => sum * 256 + byte, 0) + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

function machineOf(name: string): Machine {
  return {
    cpuCount: 4,
    memoryBytes: 8 * GIBIBYTE,
    diskBytes: 100 * GIBIBYTE,
    info: {
      architecture: goArchitecture(process.arch),
      bootID: `simulated-${name}`,
      kernelVersion: "simulated",
      machineID: name,
      operatingSystem: "linux",
      osImage: "kubeling simulated node",
      systemUUID: name,
    },
  };
}
