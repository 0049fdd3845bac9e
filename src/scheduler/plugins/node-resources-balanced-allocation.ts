/**
 * Rather a node whose cpu and memory would be used up evenly, so that neither is left useless.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go
 */
import { MAX_SCORE, type Plugin } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { ResourceSums } from "../resource-sums.ts";

export const nodeResourcesBalancedAllocation: Plugin = {
  name: "NodeResourcesBalancedAllocation",
  score: ({ pod }) => ({ score: (node) => balance(node, pod.requests) }),
};

/** One minus the standard deviation of the two shares, which for two is half their difference. */
export function balance({ allocatable, requested }: NodeInfo, requests: ResourceSums): number {
  if (allocatable.milliCpu === 0 || allocatable.memory === 0) return MAX_SCORE;
  const cpuShare = Math.min(1, (requested.milliCpu + requests.milliCpu) / allocatable.milliCpu);
  const memoryShare = Math.min(1, (requested.memory + requests.memory) / allocatable.memory);
  const deviation = Math.abs(cpuShare - memoryShare) / 2;
  return Math.trunc((1 - deviation) * MAX_SCORE);
}
