/**
 * What must hold of each Job at rest: it has ended as its program lets it, within its limits, and every
 * pod of it has been counted; or it waits because it was told to.
 */
import type { Job } from "../../src/api/batch/job.ts";
import { endOfJob, isJobCondition } from "../../src/api/batch/job-conditions.ts";
import { controllerOf } from "../../src/api/owner.ts";
import { differing } from "./oracle.ts";
import { naming, podsOf, type View } from "./view.ts";

export function jobComplaints(view: View): string[] {
  return view.jobs.flatMap((job) => [
    ...differing(`${naming(job)} has pods that run`, [podsOf(view, job).length], [0]),
    ...differing(`${naming(job)} tells of active ones`, [job.status?.active ?? 0], [0]),
    ...uncounted(view, job),
    ...(endOfJob(job) ? badEnd(job) : badWait(job)),
  ]);
}

/** Who is still there has been counted; more may have been, who have been deleted since. */
function uncounted({ pods }: View, job: Job): string[] {
  const own = pods.filter((pod) => controllerOf(pod)?.uid === job.metadata.uid);
  const { succeeded = 0, failed = 0, uncountedTerminatedPods = {} } = job.status ?? {};
  const there = (phase: string) => own.filter(({ status }) => status?.phase === phase).length;
  const waiting = [uncountedTerminatedPods.succeeded, uncountedTerminatedPods.failed].flat();
  return [
    ...waiting.flatMap((uid) => (uid ? [`${naming(job)} has yet to count ${uid}`] : [])),
    ...atLeast(`${naming(job)} tells of succeeded ones`, succeeded, there("Succeeded")),
    ...atLeast(`${naming(job)} tells of failed ones`, failed, there("Failed")),
  ];
}

function badEnd(job: Job): string[] {
  if (job.spec.ttlSecondsAfterFinished !== undefined) return [`${naming(job)} has had its time`];
  const { completions = 0, backoffLimit = 0, activeDeadlineSeconds } = job.spec;
  const { succeeded = 0, failed = 0, completedIndexes } = job.status ?? {};
  const name = naming(job);
  const { type, reason = "" } = endOfJob(job)!;
  if (type === "Complete") {
    const isIndexed = job.spec.completionMode === "Indexed";
    const done = indexesIn(completedIndexes);
    const all = Array.from({ length: completions }, (_, i) => i);
    return [
      ...atLeast(`${name} is complete, with succeeded ones`, succeeded, completions),
      ...(isIndexed ? differing(`${name} has completed`, done, all) : []),
      ...(succeedsEver(job) ? [] : [`${name} is complete, though its program fails`]),
    ];
  }
  if (reason === "BackoffLimitExceeded") {
    return atLeast(`${name} has given up, with failed ones`, failed, backoffLimit + 1);
  }
  const { podFailurePolicy, backoffLimitPerIndex, maxFailedIndexes } = job.spec;
  const mayEnd: Record<string, boolean> = {
    DeadlineExceeded: activeDeadlineSeconds !== undefined,
    PodFailurePolicy: podFailurePolicy !== undefined && !succeedsEver(job),
    FailedIndexes: backoffLimitPerIndex !== undefined,
    MaxFailedIndexesExceeded: maxFailedIndexes !== undefined,
  };
  return mayEnd[reason] ? [] : [`${name} has failed, by ${reason}`];
}

function badWait(job: Job): string[] {
  const { suspend, parallelism } = job.spec;
  if (suspend && !isJobCondition(job, "Suspended")) {
    return [`${naming(job)} does not say that it is suspended`];
  }
  return suspend || parallelism === 0 ? [] : [`${naming(job)} has not ended`];
}

function succeedsEver({ spec }: Job): boolean {
  return spec.template.spec?.containers[0]?.command?.at(-1)?.endsWith("exit 0") ?? false;
}

/** "0,2-4" */
function indexesIn(text = ""): number[] {
  return text.split(",").flatMap((part) => {
    const [first = 0, last = first] = part.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

function atLeast(what: string, is: number, least: number): string[] {
  return is >= least ? [] : [`${what}: ${is}, not ${least} or more`];
}
