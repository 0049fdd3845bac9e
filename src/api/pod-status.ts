/**
 * Questions about a pod's status that every component asks: is it ready, has it ended, does it
 * count; and how to write one condition without touching the others.
 *
 * In Kubernetes: pkg/api/v1/pod/util.go, pkg/controller/controller_utils.go
 */
import type { PodCondition, PodStatus } from "kubernetes-types/core/v1.js";
import type { Pod } from "./pod.ts";

export function conditionOf(pod: Pick<Pod, "status">, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

export function isPodReady(pod: Pick<Pod, "status">): boolean {
  return conditionOf(pod, "Ready")?.status === "True";
}

/** Ready for at least `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: Date): boolean {
  const ready = conditionOf(pod, "Ready");
  if (ready?.status !== "True") return false;
  if (minReadySeconds === 0) return true;
  const since = Date.parse(ready.lastTransitionTime ?? "");
  return since + minReadySeconds * 1000 <= now.getTime();
}

/** All its containers have stopped, and none will be started again. */
export function hasEnded(pod: Pick<Pod, "status">): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** Whether it counts as a replica: it has not ended, and is not about to. */
export function isPodActive(pod: Pod): boolean {
  return !hasEnded(pod) && pod.metadata.deletionTimestamp === undefined;
}

/**
 * Writes one condition into `status`, and reports whether that changed anything. The time of
 * transition moves only when the condition's status does.
 */
export function setCondition(status: PodStatus, condition: PodCondition): boolean {
  status.conditions ??= [];
  const index = status.conditions.findIndex(({ type }) => type === condition.type);
  const old = status.conditions[index];
  if (old === undefined) {
    status.conditions.push(condition);
    return true;
  }
  const { lastTransitionTime } = old;
  const isSameStatus = old.status === condition.status && lastTransitionTime !== undefined;
  const next = isSameStatus ? { ...condition, lastTransitionTime } : condition;
  status.conditions[index] = next;
  return !isSameCondition(old, next);
}

function isSameCondition(a: PodCondition, b: PodCondition): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.lastProbeTime === b.lastProbeTime &&
    a.lastTransitionTime === b.lastTransitionTime
  );
}
