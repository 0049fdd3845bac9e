/**
 * How a job makes sure that each of its pods is counted once: every pod carries a finalizer, which
 * goes only when the pod's end has been written into the job's status. Nobody can delete a pod before
 * it has been counted, and one without the finalizer has been.
 *
 * In Kubernetes: pkg/controller/job/tracking_utils.go, syncOrphanPod in job_controller.go
 */

import { JOB_NAME_LABEL, type Job } from "../../api/batch/job.ts";
import { endOfJob } from "../../api/batch/job-conditions.ts";
import { hasReason, isNotFound } from "../../api/errors.ts";
import { controllerOf } from "../../api/owner.ts";
import { Pod } from "../../api/pod.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { firstError } from "../pod-control.ts";

export const TRACKING_FINALIZER = "batch.kubernetes.io/job-tracking";
/** Files the pods that are tracked under the key of the job whose they are, or were. */
export const TRACKED_BY_JOB = "tracked-by-job";

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;
}

export function trackingJobKeys(pod: Pod): string[] {
  return isTracked(pod) ? jobKeysOf(pod) : [];
}

/** The job that controls it; else the one it was made for, which its label still tells. */
export function jobKeysOf(pod: Pod): string[] {
  const owner = controllerOf(pod);
  const isJobs = owner?.kind === "Job" && owner.apiVersion.startsWith("batch/");
  const name = isJobs ? owner.name : pod.metadata.labels?.[JOB_NAME_LABEL];
  return name === undefined ? [] : [`${pod.metadata.namespace}/${name}`];
}

/** Lets go of the pods that nobody will count: their job is gone, has ended, or is another by now. */
export async function releaseStrays(
  job: Job | undefined,
  key: string,
  context: SyncContext,
): Promise<void> {
  const isAtWork = job !== undefined && endOfJob(job) === undefined;
  const strays = context
    .cached(Pod)
    .by(TRACKED_BY_JOB, key)
    .filter((pod) => {
      const owner = controllerOf(pod);
      if (owner === undefined) return !isAtWork; // A job at work may adopt it.
      return !isAtWork || owner.uid !== job.metadata.uid;
    });
  const error = await firstError(strays.map((pod) => stopTracking(pod, context)));
  if (error !== undefined) throw error;
}

/** Resolves when the pod has no finalizer of ours, or is no more. */
export async function stopTracking(pod: Pod, { client }: SyncContext): Promise<void> {
  const { namespace = "", name, uid } = pod.metadata;
  const finalizers = { "$deleteFromPrimitiveList/finalizers": [TRACKING_FINALIZER] };
  try {
    await client.patch(Pod, namespace, name, { metadata: { uid, ...finalizers } });
  } catch (error) {
    if (isNotFound(error)) return;
    // The uid does not fit: another pod has its name.
    if (!hasReason(error, "Invalid")) throw error;
    const now = await client.get(Pod, namespace, name);
    if (now.metadata.uid === uid && isTracked(now)) throw error;
  }
}
