/**
 * Rather a node whose cpu and memory would be used up evenly, so that neither is left useless.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go
 */
import { MAX_SCORE, type Plugin } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import { amountOf } from "../resource-sums.ts";
import { CPU_AND_MEMORY, capacityFor, type ResourceWeight } from "./resource-strategy.ts";

export function nodeResourcesBalancedAllocation(
  resources: readonly Pick<ResourceWeight, "name">[] = CPU_AND_MEMORY,
): Plugin {
  const names = resources.map(({ name }) => name);
  return {
    name: "NodeResourcesBalancedAllocation",
    score: ({ pod }) => ({ score: (node) => balance(node, pod, names) }),
  };
}

/** One minus the standard deviation of the shares, which for two is half their difference. */
export function balance(node: NodeInfo, pod: PodInfo, names: readonly string[]): number {
  const shares: number[] = [];
  for (const name of names) {
    const capacity = capacityFor(name, node, pod);
    if (capacity === 0) continue;
    const wanted = amountOf(node.requested, name) + amountOf(pod.requests, name);
    shares.push(Math.min(1, wanted / capacity));
  }
  return Math.trunc((1 - deviationOf(shares)) * MAX_SCORE);
}

function deviationOf(shares: readonly number[]): number {
  if (shares.length < 2) return 0;
  if (shares.length === 2) return Math.abs(shares[0]! - shares[1]!) / 2;
  const mean = shares.reduce((a, b) => a + b) / shares.length;
  return Math.sqrt(shares.reduce((sum, one) => sum + (one - mean) ** 2, 0) / shares.length);
}
