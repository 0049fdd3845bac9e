/**
 * How often the pods of one index have failed. The count is handed on from a failed pod to its
 * replacement, in annotations; failures that the policy ignores are counted apart, for the back-off.
 *
 * In Kubernetes: pkg/controller/job/indexed_job_utils.go
 */
import type { Job } from "../../api/batch/job.ts";
import type { Pod } from "../../api/pod.ts";
import { verdictOnFailure } from "./failure-policy.ts";

export interface IndexFailures {
  counted: number;
  ignored: number;
}

const COUNTED = "batch.kubernetes.io/job-index-failure-count";
const IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count";
const NONE: IndexFailures = { counted: 0, ignored: 0 };

/** The failures before this pod, as its annotations have them. */
export const failuresOf = {
  read: ({ metadata }: Pod): IndexFailures => ({
    counted: countIn(metadata.annotations?.[COUNTED]),
    ignored: countIn(metadata.annotations?.[IGNORED]),
  }),
  write: ({ counted, ignored }: IndexFailures): Record<string, string> => ({
    [COUNTED]: String(counted),
    ...(ignored > 0 && { [IGNORED]: String(ignored) }),
  }),
};

/** The failures before the pod that takes the place of `failed`. */
export function newFailuresAfter(job: Job, failed: Pod | undefined): IndexFailures {
  if (failed === undefined) return NONE;
  const { counted, ignored } = failuresOf.read(failed);
  const isCounted = verdictOnFailure(job.spec.podFailurePolicy, failed).isCounted;
  return isCounted ? { counted: counted + 1, ignored } : { counted, ignored: ignored + 1 };
}

export function allFailuresOf(pod: Pod): number {
  const { counted, ignored } = failuresOf.read(pod);
  return counted + ignored;
}

/** What nobody of ours has written counts as none. */
function countIn(text = "0"): number {
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
}
