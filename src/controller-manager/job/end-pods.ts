/**
 * Deletes what still runs of a job that has failed. The finalizers stay until the pods are counted.
 *
 * In Kubernetes: deleteActivePods in pkg/controller/job/job_controller.go
 */
import type { Job } from "../../api/batch/job.ts";
import { isPodReady } from "../../api/pod-status.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { deletePod, firstError } from "../pod-control.ts";
import type { Managed } from "./manage-pods.ts";
import type { Tally } from "./tally.ts";

export async function deleteActivePods(
  job: Job,
  { active, ready, terminating }: Tally,
  context: SyncContext,
): Promise<Managed> {
  const counts: Managed = { active: active.length, ready, terminating: terminating.length };
  const failure = await firstError(
    active.map(async (pod) => {
      await deletePod(job, pod, context);
      counts.active--;
      counts.terminating++;
      if (isPodReady(pod)) counts.ready--;
    }),
  );
  return failure === undefined ? counts : { ...counts, failure };
}
