/**
 * Pods that belong together are spread over hosts and zones: as far as a rule of theirs demands,
 * and beyond that as evenly as possible.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/podtopologyspread
 */
import type { DefaultSelector } from "../default-selector.ts";
import {
  type Cycle,
  MAX_SCORE,
  type NodeFilter,
  type NodeScore,
  type Plugin,
  unresolvable,
  unschedulable,
} from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import {
  type Constraint,
  defaultConstraints,
  HOSTNAME,
  hasAllTopologies,
  matchingPods,
  ownConstraints,
} from "./topology-constraint.ts";

const NO_LABEL = unresolvable(
  "node(s) didn't match pod topology spread constraints (missing required label)",
);
const TOO_SKEWED = unschedulable("node(s) didn't match pod topology spread constraints");

export function podTopologySpread(selectorOf: DefaultSelector): Plugin {
  return {
    name: "PodTopologySpread",
    wakesOn: [
      "AssignedPodAdd",
      "AssignedPodUpdate",
      "AssignedPodDelete",
      "NodeAdd",
      "NodeDelete",
      "NodeLabelChange",
    ],
    filter(cycle) {
      const constraints = ownConstraints(cycle.pod.pod, "DoNotSchedule");
      return constraints.length === 0 ? undefined : skewFilter(cycle, constraints);
    },
    score(cycle, feasible) {
      const { pod } = cycle.pod;
      const hasOwn = (pod.spec.topologySpreadConstraints ?? []).length > 0;
      const constraints = hasOwn
        ? ownConstraints(pod, "ScheduleAnyway")
        : defaultConstraints(pod, selectorOf);
      return constraints.length === 0
        ? undefined
        : evennessScore(cycle, feasible, constraints, hasOwn);
    },
  };
}

/** pods in the domain + this one - pods in the emptiest domain <= maxSkew */
function skewFilter({ pod, nodes }: Cycle, constraints: Constraint[]): NodeFilter {
  const eligible = nodes.filter((node) => hasAllTopologies(node, constraints));
  const rules = constraints.map((constraint) => {
    const { topologyKey, maxSkew, minDomains, selects } = constraint;
    const counts = new Map<string, number>();
    for (const node of eligible.filter(constraint.includes)) {
      const count = matchingPods(node, constraint, pod.namespace);
      const domain = node.labels[topologyKey]!;
      counts.set(domain, (counts.get(domain) ?? 0) + count);
    }
    const fewest = counts.size < minDomains ? 0 : least(counts.values());
    const self = selects(pod.pod.metadata.labels ?? {}) ? 1 : 0;
    return { topologyKey, counts, most: maxSkew + fewest - self };
  });
  return ({ labels }) => {
    for (const { topologyKey, counts, most } of rules) {
      const domain = labels[topologyKey];
      if (domain === undefined) return NO_LABEL;
      if ((counts.get(domain) ?? 0) > most) return TOO_SKEWED;
    }
    return undefined;
  };
}

/** Counts the pods in each node's domains; a domain among many weighs more than one among few. */
function evennessScore(
  { pod, nodes }: Cycle,
  feasible: readonly NodeInfo[],
  constraints: Constraint[],
  needsAllLabels: boolean,
): NodeScore {
  const isScored = (node: NodeInfo) => !needsAllLabels || hasAllTopologies(node, constraints);
  const scored = feasible.filter(isScored);
  const rules = constraints.map((constraint) => {
    const { topologyKey, maxSkew } = constraint;
    const isPerNode = topologyKey === HOSTNAME;
    const counts = isPerNode
      ? undefined
      : countByDomain(nodes.filter(isScored), scored, constraint, pod.namespace);
    const weight = Math.log((counts?.size ?? scored.length) + 2);
    return { constraint, topologyKey, counts, weight, tolerance: maxSkew - 1 };
  });
  return {
    score(node) {
      if (!isScored(node)) return 0;
      let score = 0;
      for (const { constraint, topologyKey, counts, weight, tolerance } of rules) {
        const domain = node.labels[topologyKey];
        if (domain === undefined) continue;
        const count = counts
          ? (counts.get(domain) ?? 0)
          : matchingPods(node, constraint, pod.namespace);
        score += count * weight + tolerance;
      }
      return Math.round(score);
    },
    normalize: (scores, of) => fewestBecomesBest(scores, of.map(isScored)),
  };
}

/** The domains are those of the feasible nodes, the pods in them those on any node. */
function countByDomain(
  nodes: readonly NodeInfo[],
  feasible: readonly NodeInfo[],
  constraint: Constraint,
  namespace: string,
): Map<string | undefined, number> {
  const domainOf = ({ labels }: NodeInfo) => labels[constraint.topologyKey];
  const counts = new Map(feasible.map((node) => [domainOf(node), 0]));
  for (const node of nodes) {
    const more = matchingPods(node, constraint, namespace);
    if (more === 0) continue;
    const domain = domainOf(node);
    const count = counts.get(domain);
    if (count === undefined || domain === undefined || !constraint.includes(node)) continue;
    counts.set(domain, count + more);
  }
  return counts;
}

function fewestBecomesBest(scores: number[], isScored: boolean[]): void {
  const considered = scores.filter((_, i) => isScored[i]);
  const most = considered.reduce((a, b) => Math.max(a, b), 0);
  const fewest = least(considered);
  for (let i = 0; i < scores.length; i++) {
    if (!isScored[i]) scores[i] = 0;
    else if (most === 0) scores[i] = MAX_SCORE;
    else scores[i] = Math.trunc((MAX_SCORE * (most + fewest - scores[i]!)) / most);
  }
}

function least(numbers: Iterable<number>): number {
  let fewest = Number.MAX_SAFE_INTEGER;
  for (const number of numbers) fewest = Math.min(fewest, number);
  return fewest;
}
