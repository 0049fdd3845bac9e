/**
 * The conditions of a deployment: is it available, does its update progress, can pods be made.
 *
 * Rule: a condition is written anew only where its status or reason changes; the time of transition
 * moves only with the status.
 *
 * In Kubernetes: pkg/controller/deployment/util/deployment_util.go (SetDeploymentCondition)
 */
import type { DeploymentCondition } from "kubernetes-types/apps/v1.js";
import { toApiTime } from "../../component/clock.ts";

type Conditions = readonly DeploymentCondition[];
type Verdict = Pick<DeploymentCondition, "type" | "status" | "reason" | "message">;

export function conditionOf(conditions: Conditions, type: string): DeploymentCondition | undefined {
  return conditions.find((one) => one.type === type);
}

export function without(conditions: Conditions, type: string): DeploymentCondition[] {
  return conditions.filter((one) => one.type !== type);
}

export function withCondition(
  conditions: Conditions,
  verdict: Verdict,
  now: Date,
): DeploymentCondition[] {
  const old = conditionOf(conditions, verdict.type);
  if (old?.status === verdict.status && old.reason === verdict.reason) return [...conditions];
  return replaced(conditions, verdict, now);
}

/** The same, though the reason be the old one: a sign of life. */
export function withSignOfLife(conditions: Conditions, verdict: Verdict, now: Date) {
  return replaced(conditions, verdict, now);
}

/** As it stands, times and all. */
export function withTaken(
  conditions: Conditions,
  taken: DeploymentCondition,
): DeploymentCondition[] {
  const old = conditionOf(conditions, taken.type);
  if (old?.status === taken.status && old.reason === taken.reason) return [...conditions];
  const { lastTransitionTime } = old?.status === taken.status ? old : taken;
  return [
    ...without(conditions, taken.type),
    { ...taken, ...(lastTransitionTime && { lastTransitionTime }) },
  ];
}

function replaced(conditions: Conditions, verdict: Verdict, now: Date): DeploymentCondition[] {
  const old = conditionOf(conditions, verdict.type);
  const time = toApiTime(now);
  const lastTransitionTime = (old?.status === verdict.status && old.lastTransitionTime) || time;
  const next = { ...verdict, lastUpdateTime: time, lastTransitionTime };
  return [...without(conditions, verdict.type), next];
}
