/**
 * What a budget says of itself: how many of its pods are healthy, how many have to be, and how many
 * may therefore go now.
 *
 * An evicted pod is noted in `disruptedPods` by the API server and counts as gone from then on, until
 * it is, or until two minutes have passed and it is still there.
 *
 * In Kubernetes: buildDisruptedPodMap, countHealthyPods and updatePdbStatus in
 * pkg/controller/disruption/disruption.go
 */
import type { Pod } from "../../api/pod.ts";
import { isPodReady } from "../../api/pod-status.ts";
import { disruptionConditions } from "../../api/policy/disruption-condition.ts";
import type {
  PodDisruptionBudget,
  PodDisruptionBudgetStatus,
} from "../../api/policy/pod-disruption-budget.ts";
import { toApiTime } from "../../component/clock.ts";
import type { Expectation } from "./expected-pods.ts";

const DELETION_TIMEOUT_MS = 2 * 60_000;

export interface Disrupted {
  pods: Record<string, string>;
  /** Noted, but still there after the time for it. */
  overdue: Pod[];
  /** When the next one will be overdue. */
  againInMs?: number;
}

export function disruptedPods({ status }: PodDisruptionBudget, pods: Pod[], now: Date): Disrupted {
  const result: Disrupted = { pods: {}, overdue: [] };
  for (const pod of pods) {
    const since = status?.disruptedPods?.[pod.metadata.name];
    if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
    const leftMs = Date.parse(since) + DELETION_TIMEOUT_MS - now.getTime();
    if (leftMs < 0) {
      result.overdue.push(pod);
      continue;
    }
    result.pods[pod.metadata.name] = since;
    result.againInMs = Math.min(result.againInMs ?? leftMs + 1, leftMs + 1);
  }
  return result;
}

export function budgetStatus(
  { metadata, status }: PodDisruptionBudget,
  { expectedPods, desiredHealthy }: Expectation,
  pods: Pod[],
  disrupted: Disrupted,
  now: Date,
): PodDisruptionBudgetStatus {
  const isHealthy = (pod: Pod) =>
    pod.metadata.deletionTimestamp === undefined &&
    disrupted.pods[pod.metadata.name] === undefined &&
    isPodReady(pod);
  const currentHealthy = pods.filter(isHealthy).length;
  // A budget that expects no pods allows nothing, so that it is on the safe side when the first come.
  const allowed = expectedPods <= 0 ? 0 : Math.max(currentHealthy - desiredHealthy, 0);
  const next: PodDisruptionBudgetStatus = {
    currentHealthy,
    desiredHealthy,
    disruptionsAllowed: allowed,
    expectedPods,
    ...(Object.keys(disrupted.pods).length > 0 ? { disruptedPods: disrupted.pods } : {}),
    observedGeneration: metadata.generation ?? 0,
  };
  const { conditions = [] } = status ?? {};
  return { ...next, conditions: disruptionConditions({ ...next, conditions }, toApiTime(now)) };
}
