/**
 * Whom to evict first when the node runs short: those that use more than they asked for, then those
 * that matter less, then those that exceed by most. Pure.
 *
 * In Kubernetes: rankMemoryPressure and rankDiskPressureFunc in pkg/kubelet/eviction/helpers.go
 */
import type { Pod } from "../../api/pod.ts";
import { podRequests } from "../../api/resources.ts";
import { isMirror, isStatic } from "../pod-sources/mirror-pods.ts";

const CRITICAL_PRIORITY = 2_000_000_000;

/** Static pods and those that keep a cluster alive are never evicted. */
export function isCritical(pod: Pod): boolean {
  return isStatic(pod) || isMirror(pod) || (pod.spec.priority ?? 0) >= CRITICAL_PRIORITY;
}

export function inOrderOfEviction(
  pods: Pod[],
  resource: "memory" | "ephemeral-storage",
  usedBytes: (pod: Pod) => number,
): Pod[] {
  const ranked = pods.map((pod) => ({
    pod,
    excess: usedBytes(pod) - requestOf(pod, resource),
    priority: pod.spec.priority ?? 0,
  }));
  return ranked
    .toSorted(
      (a, b) =>
        Number(b.excess > 0) - Number(a.excess > 0) ||
        a.priority - b.priority ||
        b.excess - a.excess,
    )
    .map(({ pod }) => pod);
}

function requestOf({ spec }: Pod, resource: string): number {
  const amount = podRequests(spec)[resource];
  return amount === undefined ? 0 : Number(amount.nano / 1_000_000_000n);
}
