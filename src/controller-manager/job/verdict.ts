/**
 * Whether a job has failed, and why. The reasons are asked in Kubernetes' order; the first that holds
 * is the one that is told.
 *
 * A failure by policy is first noted as FailureTarget, so that the reason outlives the pod it is about.
 *
 * In Kubernetes: syncJob in pkg/controller/job/job_controller.go. Differs: a job that resumes after longer
 * than its deadline goes on, as the API promises; there it fails, since its old start is looked at first.
 */
import type { JobCondition } from "kubernetes-types/batch/v1.js";
import type { Job } from "../../api/batch/job.ts";
import { isJobCondition, jobConditionOf } from "../../api/batch/job-conditions.ts";
import type { Pod } from "../../api/pod.ts";
import { toApiTime } from "../../component/clock.ts";
import { isPodFailed, verdictOnFailure } from "./failure-policy.ts";
import type { Tally } from "./tally.ts";

export function jobCondition(
  type: string,
  now: Date,
  { reason, message, status = "True" }: { reason?: string; message?: string; status?: string } = {},
): JobCondition {
  const time = toApiTime(now);
  return {
    type,
    status,
    lastProbeTime: time,
    lastTransitionTime: time,
    ...(reason && { reason }),
    ...(message && { message }),
  };
}

/** The condition that ends the job as failed, or says that it will. */
export function failureOf(job: Job, tally: Tally, now: Date): JobCondition | undefined {
  const failed = (reason: string, message: string) =>
    jobCondition("Failed", now, { reason, message });
  const target = jobConditionOf(job, "FailureTarget");
  if (target !== undefined && isJobCondition(job, "FailureTarget")) {
    return failed(target.reason ?? "", target.message ?? "");
  }
  const message = policyFailure(job, tally.pods);
  if (message !== undefined) {
    return jobCondition("FailureTarget", now, { reason: "PodFailurePolicy", message });
  }
  if (isPastLimit(job, tally)) {
    return failed("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  }
  if ((untilDeadlineMs(job, now) ?? 1) <= 0) {
    return failed("DeadlineExceeded", "Job was active longer than specified deadline");
  }
  return failureOfIndexes(job, tally, failed);
}

function failureOfIndexes(
  { spec }: Job,
  { failedIndexes, succeededIndexes }: Tally,
  failed: (reason: string, message: string) => JobCondition,
): JobCondition | undefined {
  if (failedIndexes === undefined) return undefined;
  const { maxFailedIndexes = Number.POSITIVE_INFINITY, completions = 0 } = spec;
  if (failedIndexes.size > maxFailedIndexes) {
    const message = "Job has exceeded the specified maximal number of failed indexes";
    return failed("MaxFailedIndexesExceeded", message);
  }
  const isOver = failedIndexes.size + succeededIndexes.size >= completions;
  if (failedIndexes.size === 0 || !isOver) return undefined;
  return failed("FailedIndexes", "Job has failed indexes");
}

function policyFailure(job: Job, pods: Pod[]): string | undefined {
  const { podFailurePolicy } = job.spec;
  if (podFailurePolicy === undefined) return undefined;
  for (const pod of pods) {
    if (!isPodFailed(pod, job)) continue;
    const { failsJob } = verdictOnFailure(podFailurePolicy, pod);
    if (failsJob !== undefined) return failsJob;
  }
  return undefined;
}

function isPastLimit({ spec }: Job, { failed, pods }: Tally): boolean {
  const { backoffLimit = 0 } = spec;
  if (failed > backoffLimit) return true;
  if (spec.template.spec.restartPolicy !== "OnFailure") return false;
  const restarts = pods.reduce((sum, pod) => sum + restartsOf(pod), 0);
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit;
}

/** Only of pods that are not at their end: of the others the failure itself counts. */
function restartsOf({ status }: Pod): number {
  if (status?.phase !== "Running" && status?.phase !== "Pending") return 0;
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
}

/** Undefined where there is no deadline, or its clock stands still: it starts anew with the job. */
export function untilDeadlineMs(job: Job, now: Date): number | undefined {
  const { spec, status } = job;
  const isSuspended = spec.suspend || isJobCondition(job, "Suspended");
  const { activeDeadlineSeconds } = spec;
  if (activeDeadlineSeconds === undefined || isSuspended || !status?.startTime) return undefined;
  return Date.parse(status.startTime) + activeDeadlineSeconds * 1000 - now.getTime();
}
