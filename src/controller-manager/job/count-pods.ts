/**
 * Counts a job's pods, each exactly once, though any of these steps may be the last before a crash:
 *
 *   1. the uids of pods that have ended are written into status.uncountedTerminatedPods
 *   2. those pods lose the finalizer
 *   3. uids whose pods have no finalizer any more go from the list into the counters
 *   4. when the list is empty and the job is over, its last condition is written
 *
 * Where each pod has an index, status.completedIndexes is the count of successes itself.
 *
 * In Kubernetes: trackJobStatusAndRemoveFinalizers in pkg/controller/job/job_controller.go
 */
import { isDeepStrictEqual } from "node:util";
import type { JobCondition, JobStatus } from "kubernetes-types/batch/v1.js";
import { Job } from "../../api/batch/job.ts";
import type { Pod } from "../../api/pod.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { firstError } from "../pod-control.ts";
import { isPodFailed, verdictOnFailure } from "./failure-policy.ts";
import { formatIndexes, indexOf } from "./indexes.ts";
import { hasPlace, isIndexed, type Tally } from "./tally.ts";
import { isTracked, stopTracking } from "./tracking.ts";
import { jobCondition } from "./verdict.ts";

/** The most uids in the list, so that a status stays small and no job keeps the others waiting. */
const MOST_UNCOUNTED = 500;

/** One sync: the job as it is stored, the status as it is going to be, and the condition it ends with, if it does. */
export interface Round {
  job: Job;
  status: JobStatus;
  tally: Tally;
  end: JobCondition | undefined;
  /** Called when the failures of this round are written. */
  onNoted(): void;
}

/** Gives back the condition by which the job has ended now. */
export async function countPods(
  round: Round,
  context: SyncContext,
): Promise<JobCondition | undefined> {
  const { status, tally } = round;
  const tracked = new Set(tally.pods.filter(isTracked).map(uidOf));
  countReleased(status, tracked);
  const noted = notePods(round, tracked);
  if (isIndexed(round.job)) noteIndexes(round, noted);
  const end = noteFailureTarget(round, context.clock.now());

  let written = await write(round.job, status, context);
  round.onNoted();
  const failure = await release(noted, tracked, context);
  countReleased(status, tracked);
  if (failure !== undefined) {
    await write(written, status, context);
    throw failure;
  }
  const isOver = end !== undefined && noted.length < MOST_UNCOUNTED && allCounted(status);
  if (isOver) finish(status, end, context.clock.now());
  written = await write(written, status, context);
  return isOver ? end : undefined;
}

/** Step 1: whoever has ended, or ends with the job, is noted. Gives back whose finalizer may go. */
function notePods(round: Round, tracked: Set<string>): Pod[] {
  const { tally, status, job } = round;
  const noted: Pod[] = [];
  const uncounted = listsOf(status);
  const isKnown = new Set([...uncounted.succeeded, ...uncounted.failed]);
  const pods = isIndexed(job) ? tally.pods.toSorted(byIndex) : tally.pods;
  for (const pod of pods) {
    if (!tracked.has(uidOf(pod)) || !mayGo(pod, round)) continue;
    noted.push(pod);
    const list = listFor(pod, round);
    if (list !== undefined && !isKnown.has(uidOf(pod))) uncounted[list].push(uidOf(pod));
    if (noted.length >= MOST_UNCOUNTED) break;
  }
  setLists(status, uncounted);
  return noted;
}

/** With the job every pod goes, ended or not. One that hands over its failures stays till it has. */
function mayGo(pod: Pod, { job, tally, end }: Round): boolean {
  if (job.metadata.deletionTimestamp !== undefined || end !== undefined) return true;
  if (pod.status?.phase === "Succeeded") return true;
  if (!isPodFailed(pod, job)) return false;
  return tally.handingOver.get(indexOf(pod) ?? -1) !== pod;
}

/** Successes of an indexed job are counted by their index. Undefined: it counts for nothing. */
function listFor(pod: Pod, { job, end }: Round): "succeeded" | "failed" | undefined {
  if (!hasPlace(pod, job)) return undefined;
  if (pod.status?.phase === "Succeeded") return isIndexed(job) ? undefined : "succeeded";
  const endsWithJob = end !== undefined && end.type !== "Complete";
  if (!isPodFailed(pod, job) && !endsWithJob) return undefined;
  return verdictOnFailure(job.spec.podFailurePolicy, pod).isCounted ? "failed" : undefined;
}

function noteIndexes({ status, tally }: Round, noted: Pod[]): void {
  const done = new Set(tally.countedIndexes);
  for (const pod of noted) {
    const index = indexOf(pod);
    const isNew = index !== undefined && tally.succeededIndexes.has(index);
    if (isNew && pod.status?.phase === "Succeeded") done.add(index);
  }
  setCount(status, "succeeded", done.size);
  if (done.size === 0) delete status.completedIndexes;
  else status.completedIndexes = formatIndexes(done);
  if (tally.failedIndexes !== undefined) status.failedIndexes = formatIndexes(tally.failedIndexes);
}

/** The reason is written before the pod it is about may vanish. */
function noteFailureTarget({ status, end }: Round, now: Date): JobCondition | undefined {
  if (end?.type !== "FailureTarget") return end;
  status.conditions = [...(status.conditions ?? []), end];
  return jobCondition("Failed", now, { reason: end.reason ?? "", message: end.message ?? "" });
}

function release(
  pods: Pod[],
  tracked: Set<string>,
  context: SyncContext,
): Promise<Error | undefined> {
  return firstError(
    pods.map(async (pod) => {
      await stopTracking(pod, context);
      tracked.delete(uidOf(pod));
    }),
  );
}

/** Step 3. */
function countReleased(status: JobStatus, tracked: ReadonlySet<string>): void {
  const uncounted = listsOf(status);
  for (const list of ["succeeded", "failed"] as const) {
    const left = uncounted[list].filter((uid) => tracked.has(uid));
    setCount(status, list, (status[list] ?? 0) + uncounted[list].length - left.length);
    uncounted[list] = left;
  }
  setLists(status, uncounted);
}

function finish(status: JobStatus, end: JobCondition, now: Date): void {
  const others = (status.conditions ?? []).filter(({ type }) => type !== end.type);
  status.conditions = [...others, end];
  if (end.type === "Complete") status.completionTime = end.lastTransitionTime ?? now.toISOString();
}

async function write(job: Job, status: JobStatus, { client }: SyncContext): Promise<Job> {
  if (isDeepStrictEqual(job.status, status)) return job;
  return client.updateStatus(Job, { ...job, status: structuredClone(status) });
}

/** Counts of nought are left out, as Go leaves them out. */
export function setCount(
  status: JobStatus,
  name: "active" | "succeeded" | "failed",
  count: number,
) {
  if (count === 0) delete status[name];
  else status[name] = count;
}

function listsOf({ uncountedTerminatedPods = {} }: JobStatus) {
  const { succeeded = [], failed = [] } = uncountedTerminatedPods;
  return { succeeded: [...succeeded], failed: [...failed] };
}

function setLists(status: JobStatus, { succeeded, failed }: ReturnType<typeof listsOf>): void {
  status.uncountedTerminatedPods = {
    ...(succeeded.length > 0 && { succeeded }),
    ...(failed.length > 0 && { failed }),
  };
}

function allCounted(status: JobStatus): boolean {
  const { succeeded, failed } = listsOf(status);
  return succeeded.length + failed.length === 0;
}

const byIndex = (a: Pod, b: Pod): number => (indexOf(a) ?? -1) - (indexOf(b) ?? -1);
const uidOf = ({ metadata }: Pod): string => metadata.uid ?? "";
