/**
 * How long a job waits before it replaces failed pods: 10 s after the first failure, twice as long after each
 * one more, ten minutes at most. A success starts anew.
 *
 * In Kubernetes: pkg/controller/job/backoff_utils.go
 */
import type { Pod } from "../../api/pod.ts";
import { conditionOf } from "../../api/pod-status.ts";

/** Failures since the last success, and when the last of them was. */
export interface BackOffRecord {
  failures: number;
  lastFailureMs: number;
}

const FIRST_MS = 10_000;
const LONGEST_MS = 600_000;
const FRESH: BackOffRecord = { failures: 0, lastFailureMs: 0 };

/** The records of all jobs, by uid: a job made again under its old name starts afresh. */
export class JobBackOff {
  readonly #records = new Map<string, { uid: string; record: BackOffRecord }>();

  /** The record as it is with these pods; it is kept by `keep`, once they have been counted. */
  with(key: string, uid: string, succeeded: Pod[], failed: Pod[]): BackOffRecord {
    const known = this.#records.get(key);
    const { failures, lastFailureMs } = known?.uid === uid ? known.record : FRESH;
    const lastSuccessMs = Math.max(...succeeded.map(finishedMs));
    const since = failed.map(finishedMs).filter((ms) => ms > lastSuccessMs);
    const before = succeeded.length > 0 ? 0 : failures;
    if (since.length === 0) return { failures: before, lastFailureMs };
    return { failures: before + since.length, lastFailureMs: Math.max(...since) };
  }

  keep(key: string, uid: string, record: BackOffRecord): void {
    this.#records.set(key, { uid, record });
  }

  forget(key: string): void {
    this.#records.delete(key);
  }
}

export function remainingMs({ failures, lastFailureMs }: BackOffRecord, nowMs: number): number {
  if (failures === 0) return 0;
  const waitMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.max(0, lastFailureMs + waitMs - nowMs);
}

/** When a pod came to its end, as well as can be told. */
export function finishedMs(pod: Pod): number {
  const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  const ends = (pod.status?.containerStatuses ?? []).map(
    ({ state }) => state?.terminated?.finishedAt,
  );
  const known = ends.filter((end) => end !== undefined);
  if (known.length > 0 && known.length === ends.length) return Math.max(...known.map(Date.parse));
  const ready = conditionOf(pod, "Ready");
  if (ready?.status === "False" && ready.lastTransitionTime !== undefined) {
    return Date.parse(ready.lastTransitionTime);
  }
  if (deletionTimestamp === undefined) return Date.parse(creationTimestamp ?? "");
  return Date.parse(deletionTimestamp) - (deletionGracePeriodSeconds ?? 0) * 1000;
}
