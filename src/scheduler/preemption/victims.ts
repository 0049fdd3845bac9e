/**
 * Whom a more important pod would drive from one node: as few as can be.
 *
 * All who are less important are taken away; if the pod fits then, they are let back one by one, the
 * most important first, those whom a budget protects before all others. Who can't be let back is a victim.
 *
 * In Kubernetes: SelectVictimsOnNode in
 * pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go
 */
import type { PodDisruptionBudget } from "../../api/policy/pod-disruption-budget.ts";
import type { Filters } from "../filters.ts";
import { type Rejection, unresolvable } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import { byBudget } from "./disruption-budgets.ts";

/** A node, and those who would have to go: the most important first. */
export interface Candidate {
  node: string;
  victims: PodInfo[];
  /** How many of them a budget protects. */
  violations: number;
}

const NO_VICTIMS = unresolvable("No preemption victims found for incoming pod");

/** Says why not, if nobody's going would help. Leaves the filters as they were. */
export function selectVictims(
  pod: PodInfo,
  node: NodeInfo,
  filters: Filters,
  budgets: readonly PodDisruptionBudget[],
): Candidate | Rejection {
  const lesser = [...node.pods.values()].filter(({ priority }) => priority < pod.priority);
  if (lesser.length === 0) return NO_VICTIMS;
  const copy = node.clone();
  for (const one of lesser) filters.suppose(one, copy, -1);
  const rejection = filters.verdictOn(copy)?.rejection;
  if (rejection) {
    for (const one of lesser) filters.suppose(one, copy, 1);
    return rejection;
  }
  const { violating, harmless } = byBudget(lesser.toSorted(mostImportantFirst), budgets);
  const isVictim = (one: PodInfo) => {
    filters.suppose(one, copy, 1);
    if (!filters.verdictOn(copy)) return false;
    filters.suppose(one, copy, -1);
    return true;
  };
  const protectedVictims = violating.filter(isVictim);
  const victims = [...protectedVictims, ...harmless.filter(isVictim)];
  for (const one of victims) filters.suppose(one, copy, 1);
  return {
    node: node.name,
    victims: victims.toSorted(mostImportantFirst),
    violations: protectedVictims.length,
  };
}

/** By priority, and among equals who has been there longer. */
function mostImportantFirst(a: PodInfo, b: PodInfo): number {
  return b.priority - a.priority || a.startMs - b.startMs;
}
