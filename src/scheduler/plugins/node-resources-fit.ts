/**
 * A pod goes where all it asks for is still free; and among such nodes rather to an empty one.
 *
 * What counts is what pods *ask for* (requests), not what they use.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/noderesources/fit.go, least_allocated.go
 */
import { MAX_SCORE, type Plugin, type Rejection, unschedulable } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import type { ResourceSums } from "../resource-sums.ts";

export const nodeResourcesFit: Plugin = {
  name: "NodeResourcesFit",
  wakesOn: ["AssignedPodDelete", "NodeAdd", "NodeAllocatableChange"],
  filter:
    ({ pod }) =>
    (node) =>
      rejectionOf(lackingOn(node, pod)),
  score: ({ pod }) => ({ score: (node) => leastAllocated(node, pod.nonZeroRequests) }),
};

const SENTENCES = [
  ["milliCpu", "Insufficient cpu"],
  ["memory", "Insufficient memory"],
  ["ephemeralStorage", "Insufficient ephemeral-storage"],
] as const;

/** Every resource there is not enough of, in the words of the event. */
export function lackingOn(node: NodeInfo, { requests, asksForNothing }: PodInfo): string[] {
  const lacking: string[] = [];
  if (node.pods.size + 1 > node.maxPods) lacking.push("Too many pods");
  if (asksForNothing) return lacking;
  const { allocatable, requested } = node;
  for (const [name, sentence] of SENTENCES) {
    const wanted = requests[name];
    if (wanted > 0 && wanted > allocatable[name] - requested[name]) lacking.push(sentence);
  }
  for (const [name, wanted] of requests.scalars) {
    const free = (allocatable.scalars.get(name) ?? 0) - (requested.scalars.get(name) ?? 0);
    if (wanted > free) lacking.push(`Insufficient ${name}`);
  }
  return lacking;
}

/** The share that would be left of cpu and of memory, each counting the same. */
export function leastAllocated(node: NodeInfo, requests: ResourceSums): number {
  let sum = 0;
  let count = 0;
  for (const name of ["milliCpu", "memory"] as const) {
    const capacity = node.allocatable[name];
    if (capacity === 0) continue;
    const left = capacity - node.nonZeroRequested[name] - requests[name];
    sum += left < 0 ? 0 : Math.trunc((left * MAX_SCORE) / capacity);
    count++;
  }
  return count === 0 ? 0 : Math.trunc(sum / count);
}

/** The same few combinations come again for thousands of nodes: each is made once. */
const rejections = new Map<string, Rejection>();

function rejectionOf(lacking: string[]): Rejection | undefined {
  if (lacking.length === 0) return undefined;
  const key = lacking.join();
  const rejection = rejections.get(key) ?? unschedulable(...lacking);
  rejections.set(key, rejection);
  return rejection;
}
