/**
 * How much of its memory and disk the node has left.
 *
 * In Kubernetes: pkg/kubelet/eviction/helpers.go (makeSignalObservations)
 * Differs: what memory is available the kernel tells, where there it is capacity less the working set.
 */
import { readFile, statfs } from "node:fs/promises";
import type { Runtime } from "../runtime/runtime.ts";
import type { Machine } from "./machine.ts";

export interface Left {
  availableBytes: number;
  capacityBytes: number;
}

/** By the names that --eviction-hard gives them. */
export interface NodeUsage {
  "memory.available": Left;
  "nodefs.available": Left;
}

/** Of this machine, and the disk that holds `directory`. */
export async function machineUsage(directory: string): Promise<NodeUsage> {
  const table = await readFile("/proc/meminfo", "utf8");
  const bytesOf = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(table)?.[1] ?? 0) * 1024;
  const { bavail, blocks, bsize } = await statfs(directory);
  return {
    "memory.available": {
      availableBytes: bytesOf("MemAvailable"),
      capacityBytes: bytesOf("MemTotal"),
    },
    "nodefs.available": { availableBytes: bavail * bsize, capacityBytes: blocks * bsize },
  };
}

/** Of a machine on which nothing runs but what the runtime runs: a simulated one. */
export async function runtimeUsage(runtime: Runtime, machine: Machine): Promise<NodeUsage> {
  const [stats, images] = await Promise.all([runtime.stats(), runtime.listImages()]);
  const memory = stats.reduce((sum, one) => sum + one.memoryWorkingSetBytes, 0);
  const layers = stats.reduce((sum, one) => sum + (one.writableLayerBytes ?? 0), 0);
  const disk = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, layers);
  return {
    "memory.available": {
      availableBytes: machine.memoryBytes - memory,
      capacityBytes: machine.memoryBytes,
    },
    "nodefs.available": {
      availableBytes: machine.diskBytes - disk,
      capacityBytes: machine.diskBytes,
    },
  };
}
