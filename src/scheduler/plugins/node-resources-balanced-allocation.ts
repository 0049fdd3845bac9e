/**
 * Rather a node whose cpu and memory would be used up evenly, so that neither is left useless.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go
 */
import { MAX_SCORE, type Plugin } from "../framework.ts";
import { type NodeInfo, ROOM } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import { amountOf } from "../resource-sums.ts";
import { CPU_AND_MEMORY, capacityFor, type ResourceWeight } from "./resource-strategy.ts";

const CPU_AND_MEMORY_NAMES: readonly string[] = CPU_AND_MEMORY.map(({ name }) => name);

export function nodeResourcesBalancedAllocation(
  resources: readonly Pick<ResourceWeight, "name">[] = CPU_AND_MEMORY,
): Plugin {
  const isUsual = resources === CPU_AND_MEMORY;
  const names = isUsual ? CPU_AND_MEMORY_NAMES : resources.map(({ name }) => name);
  return {
    name: "NodeResourcesBalancedAllocation",
    score: ({ pod }) => ({ score: (node) => balance(node, pod, names) }),
  };
}

/** One minus the standard deviation of the shares. */
export function balance(node: NodeInfo, pod: PodInfo, names: readonly string[]): number {
  const deviation = names === CPU_AND_MEMORY_NAMES ? ofBoth(node, pod) : ofAll(node, pod, names);
  return Math.trunc((1 - deviation) * MAX_SCORE);
}

/** Of two shares the deviation is half their difference. */
function ofBoth({ room }: NodeInfo, { requests }: PodInfo): number {
  const [cpu, memory] = [room[ROOM.cpu]!, room[ROOM.memory]!];
  if (cpu === 0 || memory === 0) return 0;
  const cpuShare = (room[ROOM.requestedCpu]! + requests.milliCpu) / cpu;
  const memoryShare = (room[ROOM.requestedMemory]! + requests.memory) / memory;
  return Math.abs(Math.min(1, cpuShare) - Math.min(1, memoryShare)) / 2;
}

function ofAll(node: NodeInfo, pod: PodInfo, names: readonly string[]): number {
  const shares: number[] = [];
  for (const name of names) {
    const capacity = capacityFor(name, node, pod);
    if (capacity === 0) continue;
    const wanted = amountOf(node.requested, name) + amountOf(pod.requests, name);
    shares.push(Math.min(1, wanted / capacity));
  }
  return deviationOf(shares);
}

function deviationOf(shares: readonly number[]): number {
  if (shares.length < 2) return 0;
  if (shares.length === 2) return Math.abs(shares[0]! - shares[1]!) / 2;
  const mean = shares.reduce((a, b) => a + b) / shares.length;
  return Math.sqrt(shares.reduce((sum, one) => sum + (one - mean) ** 2, 0) / shares.length);
}
