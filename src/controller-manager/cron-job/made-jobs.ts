/**
 * The jobs a CronJob makes, and those it gets rid of: each is named by the minute it was meant for, so that
 * no minute ever has two.
 *
 * In Kubernetes: pkg/controller/cronjob/utils.go (getJobFromTemplate2), cleanupFinishedJobs in
 * cronjob_controllerv2.go
 */
import type { ObjectReference } from "kubernetes-types/core/v1.js";
import { type CronJob, SCHEDULED_TIMESTAMP } from "../../api/batch/cron-job.ts";
import { Job } from "../../api/batch/job.ts";
import { endOfJob } from "../../api/batch/job-conditions.ts";
import { isNotFound } from "../../api/errors.ts";
import { apiVersionOf } from "../../api/kind.ts";
import { controllerRef } from "../../api/owner.ts";
import type { Draft } from "../../client/client.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { messageOf } from "../pod-control.ts";
import { timeInZone } from "./zone-offset.ts";

export function jobNameAt({ metadata }: CronJob, time: Date): string {
  return `${metadata.name}-${Math.floor(time.getTime() / 60_000)}`;
}

export function jobAt(cronJob: CronJob, time: Date, zone: string): Draft<Job> {
  const { metadata: { labels, annotations } = {}, spec } = cronJob.spec.jobTemplate;
  return {
    metadata: {
      name: jobNameAt(cronJob, time),
      ...(labels && { labels }),
      annotations: { ...annotations, [SCHEDULED_TIMESTAMP]: timeInZone(zone, time) },
      ownerReferences: [controllerRef(cronJob)],
    },
    spec,
  };
}

export function referenceTo({ metadata }: Job): ObjectReference {
  const { namespace = "", name, uid = "", resourceVersion = "" } = metadata;
  return { kind: Job.kind, namespace, name, uid, apiVersion: apiVersionOf(Job), resourceVersion };
}

/** Deletes a job and what it owns. Whether it went: what went wrong is told as an event. */
export async function deleteJob(
  cronJob: CronJob,
  { namespace = "", name }: { namespace?: string; name: string },
  { client, events }: SyncContext,
): Promise<boolean> {
  try {
    await client.delete(Job, namespace, name, { propagationPolicy: "Background" });
  } catch (error) {
    if (!isNotFound(error)) {
      events.event(cronJob, "Warning", "FailedDelete", `Deleted job: ${messageOf(error)}`);
      return false;
    }
  }
  events.event(cronJob, "Normal", "SuccessfulDelete", `Deleted job ${name}`);
  return true;
}

/** Those that are more than the history keeps, of either end, oldest first. */
export function jobsPastHistory({ spec }: CronJob, jobs: Job[]): Job[] {
  const limits = { Complete: spec.successfulJobsHistoryLimit, Failed: spec.failedJobsHistoryLimit };
  return Object.entries(limits).flatMap(([type, limit]) => {
    const ended = jobs.filter((job) => endOfJob(job)?.type === type).sort(byStart);
    return limit === undefined ? [] : ended.slice(0, Math.max(0, ended.length - limit));
  });
}

function byStart(a: Job, b: Job): number {
  const [startA = "", startB = ""] = [a.status?.startTime, b.status?.startTime];
  if (startA !== startB && startA !== "" && startB !== "") return startA < startB ? -1 : 1;
  if (startA !== startB) return startA === "" ? 1 : -1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
