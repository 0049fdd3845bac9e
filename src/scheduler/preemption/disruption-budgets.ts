/**
 * Which of some pods could not be taken away without breaking a PodDisruptionBudget.
 *
 * The pods are counted in their order: a budget that allows one disruption is broken by the second.
 *
 * In Kubernetes: filterPodsWithPDBViolation in
 * pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go
 */
import { labelMatcher } from "../../api/labels.ts";
import type { PodDisruptionBudget } from "../../api/policy/pod-disruption-budget.ts";
import type { PodInfo } from "../pod-info.ts";

export interface ByBudget {
  violating: PodInfo[];
  harmless: PodInfo[];
}

export function byBudget(pods: readonly PodInfo[], all: readonly PodDisruptionBudget[]): ByBudget {
  const budgets = all.map((budget) => new Budget(budget));
  const sorted: ByBudget = { violating: [], harmless: [] };
  for (const pod of pods) {
    const broken = budgets.filter((budget) => budget.isBrokenBy(pod));
    (broken.length > 0 ? sorted.violating : sorted.harmless).push(pod);
  }
  return sorted;
}

class Budget {
  readonly #budget: PodDisruptionBudget;
  readonly #selects: (labels?: Record<string, string>) => boolean;
  #allowed: number;

  constructor(budget: PodDisruptionBudget) {
    const { matchLabels = {}, matchExpressions = [] } = budget.spec.selector ?? {};
    const isEmpty = Object.keys(matchLabels).length + matchExpressions.length === 0;
    this.#budget = budget;
    this.#selects = isEmpty ? () => false : labelMatcher(budget.spec.selector);
    this.#allowed = budget.status?.disruptionsAllowed ?? 0;
  }

  /** A pod whose eviction has been granted already is counted there. */
  isBrokenBy({ namespace, labels, pod }: PodInfo): boolean {
    const { metadata, status } = this.#budget;
    if (metadata.namespace !== namespace || Object.keys(labels).length === 0) return false;
    if (!this.#selects(labels) || status?.disruptedPods?.[pod.metadata.name]) return false;
    this.#allowed--;
    return this.#allowed < 0;
  }
}
