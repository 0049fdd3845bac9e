/**
 * What a job's pods amount to, before anything is done about it: who is active, what has newly ended,
 * which indexes are done. Pure, from the job and its pods alone.
 *
 * Rule: a pod without the finalizer has been counted already, or stands in the list of the uncounted.
 *
 * In Kubernetes: syncJobCtx, getNewFinishedPods and calculateSucceededIndexes in pkg/controller/job
 */
import type { Job } from "../../api/batch/job.ts";
import type { Pod } from "../../api/pod.ts";
import { hasEnded, isPodActive, isPodReady } from "../../api/pod-status.ts";
import { finishedMs } from "./back-off.ts";
import { isPodFailed, verdictOnFailure } from "./failure-policy.ts";
import { allFailuresOf, failuresOf } from "./index-failures.ts";
import { indexesOf, indexOf, parseIndexes } from "./indexes.ts";
import { isTracked } from "./tracking.ts";

export interface Tally {
  pods: Pod[];
  active: Pod[];
  ready: number;
  /** Deleted, and not at their end yet. */
  terminating: Pod[];
  /** Ended, and not in the status yet. */
  newSucceeded: Pod[];
  newFailed: Pod[];
  succeeded: number;
  failed: number;
  /** Of an indexed job; `countedIndexes` are those the status had before. */
  countedIndexes: Set<number>;
  succeededIndexes: Set<number>;
  /** Only where each index has its own limit. */
  failedIndexes?: Set<number>;
  /** Failed pods that stay until their replacement knows how often their index has failed. */
  handingOver: Map<number, Pod>;
}

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === "Indexed";
}

export function hasLimitPerIndex(job: Job): boolean {
  return isIndexed(job) && job.spec.backoffLimitPerIndex !== undefined;
}

/** In an indexed job, a pod without an index of the job counts for nothing. */
export function hasPlace(pod: Pod, job: Job): boolean {
  if (!isIndexed(job)) return true;
  const index = indexOf(pod);
  return index !== undefined && index < (job.spec.completions ?? 0);
}

export function tallyOf(job: Job, pods: Pod[]): Tally {
  const { status = {}, spec } = job;
  const { succeeded: uncountedSuccesses = [], failed: uncountedFailures = [] } =
    status.uncountedTerminatedPods ?? {};
  const valid = pods.filter((pod) => isTracked(pod) && hasPlace(pod, job));
  const isNewTo = (list: string[]) => (pod: Pod) => !list.includes(pod.metadata.uid ?? "");
  const newSucceeded = valid
    .filter(isNewTo(uncountedSuccesses))
    .filter((pod) => pod.status?.phase === "Succeeded");
  const newFailed = valid.filter(isNewTo(uncountedFailures)).filter((pod) => isPodFailed(pod, job));
  const counted = newFailed.filter((pod) => isCounted(pod, job)).length;
  const active = pods.filter(isPodActive);
  const countedIndexes = parseIndexes(status.completedIndexes, spec.completions ?? 0);
  const succeededIndexes = new Set([...countedIndexes, ...indexesOf(newSucceeded)]);
  const tally: Tally = {
    pods,
    active,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter((pod) => pod.metadata.deletionTimestamp && !hasEnded(pod)),
    newSucceeded,
    newFailed,
    succeeded: isIndexed(job)
      ? succeededIndexes.size
      : (status.succeeded ?? 0) + newSucceeded.length + uncountedSuccesses.length,
    failed: (status.failed ?? 0) + counted + uncountedFailures.length,
    countedIndexes,
    succeededIndexes,
    handingOver: new Map(),
  };
  return hasLimitPerIndex(job) ? withFailedIndexes(tally, job, valid) : tally;
}

function isCounted(pod: Pod, { spec }: Job): boolean {
  return verdictOnFailure(spec.podFailurePolicy, pod).isCounted;
}

function withFailedIndexes(tally: Tally, job: Job, valid: Pod[]): Tally {
  const { completions = 0 } = job.spec;
  const failed = valid.filter((pod) => isPodFailed(pod, job));
  const failedIndexes = parseIndexes(job.status?.failedIndexes, completions);
  for (const pod of failed) if (isIndexFailed(pod, job)) failedIndexes.add(indexOf(pod)!);
  const active = indexesOf(tally.active);
  const handingOver = new Map<number, Pod>();
  for (const pod of failed) {
    const index = indexOf(pod)!;
    const isSettled = tally.succeededIndexes.has(index) || failedIndexes.has(index);
    if (isSettled || active.has(index)) continue;
    const other = handingOver.get(index);
    if (other === undefined || isLater(pod, other)) handingOver.set(index, pod);
  }
  return { ...tally, failedIndexes, handingOver };
}

function isIndexFailed(pod: Pod, { spec }: Job): boolean {
  const verdict = verdictOnFailure(spec.podFailurePolicy, pod);
  if (verdict.action === "FailIndex") return true;
  return verdict.isCounted && failuresOf.read(pod).counted >= (spec.backoffLimitPerIndex ?? 0);
}

function isLater(pod: Pod, other: Pod): boolean {
  return allFailuresOf(other) <= allFailuresOf(pod) && finishedMs(pod) >= finishedMs(other);
}
