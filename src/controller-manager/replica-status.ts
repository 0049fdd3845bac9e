/**
 * What a controller of replicas says of itself in its status: how many pods there are, and how
 * many of them are labelled as the template says, ready, and available.
 *
 * In Kubernetes: pkg/controller/replicaset/replica_set_utils.go.
 */
import { isDeepStrictEqual } from "node:util";
import type {
  ReplicationControllerCondition,
  ReplicationControllerStatus,
} from "kubernetes-types/core/v1.js";
import { equalitySelector } from "../api/labels.ts";
import type { Pod } from "../api/pod.ts";
import { conditionOf, isPodAvailable, isPodReady } from "../api/pod-status.ts";
import { toApiTime } from "../component/clock.ts";
import { type ReplicaOwner, ScaleError } from "./scale-pods.ts";

export function replicaStatus(
  owner: ReplicaOwner & { status?: ReplicationControllerStatus },
  active: Pod[],
  failure: Error | undefined,
  now: Date,
): ReplicationControllerStatus {
  const { minReadySeconds = 0, template } = owner.spec;
  const isLabelled = equalitySelector(template.metadata?.labels ?? {});
  const labelled = active.filter(({ metadata }) => isLabelled(metadata.labels));
  const ready = active.filter(isPodReady);
  const available = ready.filter((pod) => isPodAvailable(pod, minReadySeconds, now));
  const conditions = withFailure(owner.status?.conditions ?? [], failure, now);
  return {
    replicas: active.length,
    ...unlessZero("fullyLabeledReplicas", labelled.length),
    ...unlessZero("readyReplicas", ready.length),
    ...unlessZero("availableReplicas", available.length),
    ...unlessZero("observedGeneration", owner.metadata.generation ?? 0),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

/** The same but for the counts of zero that one side leaves out. */
export function sameStatus(
  a: ReplicationControllerStatus | undefined,
  b: ReplicationControllerStatus,
): boolean {
  const counted = Object.entries(a ?? {}).filter(
    ([key, value]) => value !== 0 || key === "replicas",
  );
  return isDeepStrictEqual(Object.fromEntries(counted), { ...b });
}

/** How long until one more of the ready pods has been ready for long enough. */
export function nextAvailabilityMs(
  active: Pod[],
  minReadySeconds: number,
  now: Date,
): number | undefined {
  if (minReadySeconds === 0) return undefined;
  const waits = active
    .filter((pod) => isPodReady(pod) && !isPodAvailable(pod, minReadySeconds, now))
    .map((pod) => Date.parse(conditionOf(pod, "Ready")?.lastTransitionTime ?? ""))
    .filter((since) => !Number.isNaN(since))
    .map((since) => since + minReadySeconds * 1000 - now.getTime());
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** ReplicaFailure is there as long as the last attempt failed, and keeps its first time and words. */
function withFailure(
  conditions: ReplicationControllerCondition[],
  failure: Error | undefined,
  now: Date,
): ReplicationControllerCondition[] {
  const others = conditions.filter(({ type }) => type !== "ReplicaFailure");
  if (!(failure instanceof ScaleError)) return others;
  const old = conditions.find(({ type }) => type === "ReplicaFailure");
  const { reason, message } = failure;
  const lastTransitionTime = toApiTime(now);
  return [
    ...others,
    old ?? { type: "ReplicaFailure", status: "True", lastTransitionTime, reason, message },
  ];
}

function unlessZero<K extends string>(key: K, count: number): { [key in K]?: number } {
  return count === 0 ? {} : ({ [key]: count } as { [key in K]: number });
}
