/**
 * Whether a Job has ended, and how: Complete or Failed, whichever of its conditions is true.
 *
 * In Kubernetes: pkg/controller/job/util/utils.go
 */
import type { JobCondition } from "kubernetes-types/batch/v1.js";
import type { Job } from "./job.ts";

export function jobConditionOf({ status }: Job, type: string): JobCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

export function isJobCondition(job: Job, type: string): boolean {
  return jobConditionOf(job, type)?.status === "True";
}

export function isJobComplete(job: Job): boolean {
  return isJobCondition(job, "Complete");
}

/** The condition that ended it; undefined while it goes on. */
export function endOfJob(job: Job): JobCondition | undefined {
  return job.status?.conditions?.find(
    ({ type, status }) => status === "True" && (type === "Complete" || type === "Failed"),
  );
}
