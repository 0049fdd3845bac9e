/**
 * The condition DisruptionAllowed of a budget, which says in a word what its count of allowed
 * disruptions says in a number. Written by the controller, and by the API server with each eviction.
 *
 * In Kubernetes: staging/src/k8s.io/component-helpers/apps/poddisruptionbudget/helpers.go
 */
import type { Condition } from "kubernetes-types/meta/v1.js";
import type { PodDisruptionBudgetStatus } from "./pod-disruption-budget.ts";

export const DISRUPTION_ALLOWED = "DisruptionAllowed";

/** The conditions of a status whose count has been set. */
export function disruptionConditions(status: PodDisruptionBudgetStatus, now: string): Condition[] {
  const isAllowed = status.disruptionsAllowed > 0;
  return withCondition(status, now, {
    status: isAllowed ? "True" : "False",
    reason: isAllowed ? "SufficientPods" : "InsufficientPods",
    message: "",
  });
}

/** The conditions of a status that could not be found out. */
export function failedConditions(
  status: PodDisruptionBudgetStatus,
  message: string,
  now: string,
): Condition[] {
  return withCondition(status, now, { status: "False", reason: "SyncFailed", message });
}

/** The time of transition moves only when the condition's status does. */
function withCondition(
  { conditions = [], observedGeneration }: PodDisruptionBudgetStatus,
  now: string,
  condition: Pick<Condition, "status" | "reason" | "message">,
): Condition[] {
  const index = conditions.findIndex(({ type }) => type === DISRUPTION_ALLOWED);
  const old = conditions[index];
  const isSame = old !== undefined && old.status === condition.status;
  const next: Condition = {
    type: DISRUPTION_ALLOWED,
    ...condition,
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    lastTransitionTime: isSame ? old.lastTransitionTime : now,
  };
  return old === undefined ? [...conditions, next] : conditions.with(index, next);
}
