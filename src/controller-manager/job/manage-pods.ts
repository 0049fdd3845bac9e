/**
 * Brings the number of a job's active pods to what it should be: as many as may run at once, and no
 * more than are still to succeed. Pods that are taken away lose the finalizer first: they have not failed.
 *
 * Rule: in one sync pods are either taken away or made, never both.
 *
 * In Kubernetes: manageJob in pkg/controller/job/job_controller.go
 */
import type { Job } from "../../api/batch/job.ts";
import type { Pod } from "../../api/pod.ts";
import { isPodReady } from "../../api/pod-status.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { inOrderOfDeletion } from "../deletion-order.ts";
import {
  createPod,
  deletePod,
  firstError,
  inSlowStart,
  isNamespaceTerminating,
} from "../pod-control.ts";
import { type BackOffRecord, finishedMs, remainingMs } from "./back-off.ts";
import { onlyReplacesFailed } from "./failure-policy.ts";
import { allFailuresOf } from "./index-failures.ts";
import { freeIndexes, indexesOf, indexOf } from "./indexes.ts";
import { jobPodFor } from "./job-pod.ts";
import { hasLimitPerIndex, hasPlace, isIndexed, type Tally } from "./tally.ts";
import { stopTracking } from "./tracking.ts";

/** The most pods made or taken away in one sync. */
const BURST = 500;

/** What was done: how many more or fewer are active and ready, and when to look again. */
export interface Managed {
  active: number;
  ready: number;
  terminating: number;
  againInMs?: number;
  failure?: Error;
}

export async function managePods(
  job: Job,
  tally: Tally,
  backOff: BackOffRecord,
  context: SyncContext,
): Promise<Managed> {
  const { active, ready, terminating } = tally;
  const counts = { active: active.length, ready, terminating: terminating.length };
  const wanted = wantedPods(job, tally);
  const surplus = surplusPods(job, active, active.length - wanted, context.clock.now());
  if (surplus.length > 0) return takeAway(job, surplus.slice(0, BURST), counts, context);

  const stillThere = onlyReplacesFailed(job) ? terminating.length : 0;
  const missing = Math.min(wanted - stillThere - active.length, BURST);
  if (missing <= 0 || job.spec.suspend) return counts;
  const nowMs = context.clock.now().getTime();
  const waitMs = hasLimitPerIndex(job) ? 0 : remainingMs(backOff, nowMs);
  if (waitMs > 0) return { ...counts, againInMs: waitMs };
  return make(job, missing, tally, counts, context);
}

function wantedPods({ spec }: Job, { active, succeeded }: Tally): number {
  const { parallelism = 1, completions, suspend } = spec;
  if (suspend) return 0;
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

/** In an indexed job also those whose index is none, or taken twice. */
function surplusPods(job: Job, active: Pod[], atLeast: number, now: Date): Pod[] {
  const inOrder = inOrderOfDeletion(active, active, now);
  const going = isIndexed(job) ? withoutPlace(job, inOrder) : [];
  const left = inOrder.filter((pod) => !going.includes(pod));
  return [...going, ...left.slice(0, Math.max(0, atLeast - going.length))];
}

/** Of several with one index the last in order stays. */
function withoutPlace(job: Job, inOrder: Pod[]): Pod[] {
  const lastOf = new Map(inOrder.map((pod) => [indexOf(pod), pod]));
  return inOrder.filter((pod) => !hasPlace(pod, job) || lastOf.get(indexOf(pod)) !== pod);
}

async function takeAway(
  job: Job,
  going: Pod[],
  counts: Managed,
  context: SyncContext,
): Promise<Managed> {
  const after = { ...counts };
  const failure = await firstError(
    going.map(async (pod) => {
      await stopTracking(pod, context);
      await deletePod(job, pod, context);
      after.active--;
      after.terminating++;
      if (isPodReady(pod)) after.ready--;
    }),
  );
  return failure === undefined ? after : { ...after, failure };
}

async function make(
  job: Job,
  missing: number,
  tally: Tally,
  counts: Managed,
  context: SyncContext,
): Promise<Managed> {
  const { indexes, againInMs } = indexesToMake(job, missing, tally, context.clock.now());
  const count = indexes?.length ?? missing;
  const after: Managed = { ...counts, ...(count === 0 && againInMs && { againInMs }) };
  const error = await inSlowStart(count, async (nth) => {
    const index = indexes?.[nth];
    const replaced = index === undefined ? undefined : tally.handingOver.get(index);
    await createPod(job, jobPodFor(job, index, replaced), context);
    after.active++;
  });
  return error === undefined || isNamespaceTerminating(error)
    ? after
    : { ...after, failure: error };
}

/** Each index waits by itself where it has its own limit. Without indexes: undefined. */
function indexesToMake(
  job: Job,
  missing: number,
  tally: Tally,
  now: Date,
): { indexes?: number[]; againInMs?: number } {
  if (!isIndexed(job)) return {};
  const busy = indexesOf(tally.active);
  if (onlyReplacesFailed(job)) for (const one of indexesOf(tally.terminating)) busy.add(one);
  const isTaken = (index: number) =>
    busy.has(index) ||
    tally.succeededIndexes.has(index) ||
    (tally.failedIndexes?.has(index) ?? false);
  const free = freeIndexes(missing, job.spec.completions ?? 0, isTaken);
  const waits = free.map((index) => waitOfIndexMs(tally.handingOver.get(index), now));
  const indexes = free.filter((_index, nth) => waits[nth] === 0);
  return { indexes, ...(waits.length > 0 && { againInMs: Math.min(...waits) }) };
}

function waitOfIndexMs(failed: Pod | undefined, now: Date): number {
  if (failed === undefined) return 0;
  const record = { failures: allFailuresOf(failed) + 1, lastFailureMs: finishedMs(failed) };
  return remainingMs(record, now.getTime());
}
