/**
 * How a pod of a stateful set is doing, in the words its controller thinks in.
 *
 * In Kubernetes: pkg/controller/statefulset/stateful_set_utils.go (isRunningAndReady, isHealthy, ...)
 */
import type { Pod } from "../../api/pod.ts";
import { isPodAvailable, isPodReady } from "../../api/pod-status.ts";

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === "Running" && isPodReady(pod);
}

export function isTerminating({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function isHealthy(pod: Pod): boolean {
  return isRunningAndReady(pod) && !isTerminating(pod);
}

export function isAvailable(pod: Pod, minReadySeconds: number, now: Date): boolean {
  return isRunningAndReady(pod) && isPodAvailable(pod, minReadySeconds, now);
}
