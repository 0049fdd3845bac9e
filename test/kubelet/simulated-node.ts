/**
 * All that a kubelet needs for a simulated node: runtime, network, files, a machine that is made up.
 */
import type { Clock } from "../../src/component/clock.ts";
import type { Random } from "../../src/component/random.ts";
import { SimulatedFiles } from "../../src/simulator/files.ts";
import type { SimulatedNetwork } from "../../src/simulator/network.ts";
import { SimulatedRuntime } from "../../src/simulator/runtime.ts";

export interface SimulatedNodeOptions {
  nodeName: string;
  /** Counted from 1: node 3 has 192.168.0.13 and the pod addresses 10.244.3.0/24. */
  number: number;
  clock: Clock;
  random: Random;
  network: SimulatedNetwork;
  cpuCount?: number;
  memoryBytes?: number;
  startDelayMs?: number;
  pullDelayMs?: number;
}

const GIBIBYTE = 1024 ** 3;
/** A simulated runtime tells of every change: it is listed only to be sure. */
const RELIST_MS = 30_000;

/** The options of `startKubelet` for this node. */
export function simulatedNode(options: SimulatedNodeOptions) {
  const { nodeName, number, clock, random, network } = options;
  const files = new SimulatedFiles();
  const nodeIP = `192.168.${Math.floor(number / 200)}.${10 + (number % 200)}`;
  const podCIDR = `10.${244 + Math.floor(number / 256)}.${number % 256}.0/24`;
  const { startDelayMs = 0, pullDelayMs = 0 } = options;
  const runtime = new SimulatedRuntime({
    ...{ clock, random, network, files, podCIDR, nodeIP, startDelayMs, pullDelayMs },
  });
  return {
    nodeName,
    runtime,
    nodeIP,
    podCIDR,
    files,
    connect: (host: string, port: number) =>
      network.connect(host === "localhost" || host === "127.0.0.1" ? nodeIP : host, port),
    machine: {
      cpuCount: options.cpuCount ?? 4,
      memoryBytes: options.memoryBytes ?? 8 * GIBIBYTE,
      diskBytes: 100 * GIBIBYTE,
      info: {
        architecture: "amd64",
        bootID: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
        kernelVersion: "6.1.0-simulated",
        machineID: String(number).padStart(32, "0"),
        operatingSystem: "linux",
        osImage: "Simulated Linux",
        systemUUID: `00000000-0000-4000-9000-${String(number).padStart(12, "0")}`,
      },
    },
    relistMs: RELIST_MS,
  };
}
