/**
 * What the budgets of a pod have to say about its eviction.
 *
 * In Kubernetes: getPodDisruptionBudgets and checkAndDecrement in pkg/registry/core/pod/storage/eviction.go
 */
import { ApiError, forbiddenRequest, tooManyRequests } from "../api/errors.ts";
import { type KubeObject, storageKey } from "../api/kind.ts";
import { labelMatcher } from "../api/labels.ts";
import type { Pod } from "../api/pod.ts";
import { DISRUPTION_ALLOWED, disruptionConditions } from "../api/policy/disruption-condition.ts";
import {
  PodDisruptionBudget,
  type PodDisruptionBudgetStatus,
} from "../api/policy/pod-disruption-budget.ts";
import { toApiTime } from "../component/clock.ts";
import { AS_SERVER } from "./custom-resources/as-server.ts";
import type { ResourceHandlerOptions } from "./resource-handler.ts";

/** So many evictions that the controller has not seen yet are enough. */
const MOST_UNSEEN = 2_000;
const TRY_AGAIN_SECONDS = 10;
const REFUSED = "Cannot evict pod as it would violate the pod's disruption budget.";
const NO_DISRUPTIONS: PodDisruptionBudgetStatus = {
  currentHealthy: 0,
  desiredHealthy: 0,
  disruptionsAllowed: 0,
  expectedPods: 0,
};

/** A selector that selects everything, or can't be read, is taken to select nothing here. */
export async function budgetsOf(
  { metadata }: Pod,
  { cache }: ResourceHandlerOptions,
): Promise<PodDisruptionBudget[]> {
  await cache.fresh();
  const { namespace = "", labels } = metadata;
  const prefix = storageKey(PodDisruptionBudget);
  const { items } = cache.resource(prefix).list(`${prefix}${namespace}/`);
  return items
    .map(({ object }) => object as PodDisruptionBudget)
    .filter(({ spec: { selector } }) => {
      const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
      const isEmpty = Object.keys(matchLabels).length + matchExpressions.length === 0;
      return !isEmpty && labelMatcher(selector)(labels);
    });
}

/** Takes one disruption off the budget and notes for whom. Throws a 429 where there is none left. */
export async function spendDisruption(
  budget: PodDisruptionBudget,
  pod: string,
  { registry, clock }: ResourceHandlerOptions,
  isDryRun: boolean,
): Promise<void> {
  const { namespace = "", name } = budget.metadata;
  const target = { kind: PodDisruptionBudget, namespace, name, subresource: "status" };
  const now = toApiTime(clock.now());
  const spend = (current: KubeObject | undefined) =>
    withOneLess(current as PodDisruptionBudget, pod, now);
  await registry.update(target, spend, { ...AS_SERVER, isDryRun });
}

function withOneLess(budget: PodDisruptionBudget, pod: string, now: string): PodDisruptionBudget {
  const { status = NO_DISRUPTIONS } = budget;
  check(budget, status);
  const disruptionsAllowed = status.disruptionsAllowed - 1;
  const next = {
    ...status,
    disruptionsAllowed,
    disruptedPods: { ...status.disruptedPods, [pod]: now },
  };
  if (disruptionsAllowed === 0) next.conditions = disruptionConditions(next, now);
  return { ...budget, status: next };
}

function check(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): void {
  const { name, generation = 0 } = budget.metadata;
  const about = { group: "policy", plural: "poddisruptionbudget" };
  if ((status.observedGeneration ?? 0) < generation) throw violation(budget);
  if (status.disruptionsAllowed < 0) {
    throw forbiddenRequest(about, name, "pdb disruptions allowed is negative");
  }
  if (Object.keys(status.disruptedPods ?? {}).length > MOST_UNSEEN) {
    const why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller";
    throw forbiddenRequest(about, name, why);
  }
  if (status.disruptionsAllowed === 0) throw refusal(0, whyNone(name, status));
}

function whyNone(name: string, status: PodDisruptionBudgetStatus): string {
  const { currentHealthy = 0, desiredHealthy = 0, conditions = [] } = status;
  if (currentHealthy <= desiredHealthy) {
    return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  }
  const failed = conditions.find(({ type }) => type === DISRUPTION_ALLOWED);
  if (failed?.status === "False" && failed.reason === "SyncFailed") {
    return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${failed.message}`;
  }
  return `The disruption budget ${name} does not allow evicting pods currently`;
}

/** 429 for a budget whose controller has to look at it first. */
export function violation({ metadata }: PodDisruptionBudget): ApiError {
  const why = `The disruption budget ${metadata.name} is still being processed by the server.`;
  return refusal(TRY_AGAIN_SECONDS, why);
}

function refusal(retryAfterSeconds: number, why: string): ApiError {
  const { status } = tooManyRequests(REFUSED, retryAfterSeconds);
  const causes = [{ reason: "DisruptionBudget", message: why }];
  const wait = retryAfterSeconds === 0 ? {} : { retryAfterSeconds };
  return new ApiError(429, status.reason ?? "", REFUSED, { causes, ...wait });
}
