/**
 * Deletes jobs that have ended, ttlSecondsAfterFinished after they did, with all they own.
 *
 * In Kubernetes: pkg/controller/ttlafterfinished/ttlafterfinished_controller.go
 */

import { Job } from "../api/batch/job.ts";
import { endOfJob } from "../api/batch/job-conditions.ts";
import { isNotFound } from "../api/errors.ts";
import type { Controller } from "../client/control-loop.ts";

export const ttlAfterFinishedController: Controller<Job> = {
  name: "ttl-after-finished-controller",
  watches: Job,
  async sync(job, _key, { client, clock }) {
    if (job === undefined || job.metadata.deletionTimestamp !== undefined) return undefined;
    const leftMs = timeLeftMs(job, clock.now());
    if (leftMs === undefined) return undefined;
    if (leftMs > 0) return { againInMs: leftMs };

    // The cache may be old: its time may have been prolonged.
    const { namespace = "", name, uid = "" } = job.metadata;
    try {
      const fresh = await client.get(Job, namespace, name);
      if (fresh.metadata.uid !== uid) return undefined;
      const freshLeftMs = timeLeftMs(fresh, clock.now());
      if (freshLeftMs === undefined) return undefined;
      if (freshLeftMs > 0) return { againInMs: freshLeftMs };
      const options = { propagationPolicy: "Foreground" as const, preconditions: { uid } };
      await client.delete(Job, namespace, name, options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return undefined;
  },
};

/** Undefined where it has not ended, or may stay. */
function timeLeftMs(job: Job, now: Date): number | undefined {
  const { ttlSecondsAfterFinished: seconds } = job.spec;
  const end = endOfJob(job);
  if (seconds === undefined || end?.lastTransitionTime === undefined) return undefined;
  return Date.parse(end.lastTransitionTime) + seconds * 1000 - now.getTime();
}
