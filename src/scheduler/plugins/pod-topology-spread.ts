/**
 * Pods that belong together are spread over hosts and zones: as far as a rule of theirs demands,
 * and beyond that as evenly as possible.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/podtopologyspread
 */
import type { TopologySpreadConstraint } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
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
import type { PodInfo } from "../pod-info.ts";
import {
  type Constraint,
  countEverywhere,
  countOnNodes,
  defaultConstraints,
  HOSTNAME,
  hasAllTopologies,
  isCounted,
  ownConstraints,
  type WhenUnsatisfiable,
} from "./topology-constraint.ts";

const NO_LABEL = unresolvable(
  "node(s) didn't match pod topology spread constraints (missing required label)",
);
const TOO_SKEWED = unschedulable("node(s) didn't match pod topology spread constraints");

export interface PodTopologySpreadOptions {
  selectorOf: DefaultSelector;
  /** The rules for pods that bring none. Default: the system's. */
  defaults?: readonly TopologySpreadConstraint[];
}

export function podTopologySpread({ selectorOf, defaults }: PodTopologySpreadOptions): Plugin {
  const rulesFor = (pod: Pod, when: WhenUnsatisfiable) =>
    (pod.spec.topologySpreadConstraints ?? []).length > 0
      ? ownConstraints(pod, when)
      : defaultConstraints(pod, when, selectorOf, defaults);
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
      const constraints = rulesFor(cycle.pod.pod, "DoNotSchedule");
      return constraints.length === 0 ? undefined : skewFilter(cycle, constraints);
    },
    score(cycle, feasible) {
      const { pod } = cycle.pod;
      const constraints = rulesFor(pod, "ScheduleAnyway");
      if (constraints.length === 0) return undefined;
      const hasOwn = (pod.spec.topologySpreadConstraints ?? []).length > 0;
      const needsAllLabels = hasOwn || defaults !== undefined;
      return evennessScore(cycle, feasible, constraints, needsAllLabels);
    },
  };
}

/** pods in the domain + this one - pods in the emptiest domain <= maxSkew */
function skewFilter(cycle: Cycle, constraints: Constraint[]): NodeFilter {
  const { pod } = cycle;
  const rules = constraints.map((constraint) => {
    const counts =
      countEverywhere(cycle, constraint, constraints, pod.namespace) ??
      countEligible(cycle, constraint, constraints);
    return new SkewRule(constraint, pod, counts);
  });
  const reject = ({ labels }: NodeInfo) => {
    for (const rule of rules) {
      const domain = labels[rule.topologyKey];
      if (domain === undefined) return NO_LABEL;
      if (rule.isTooFull(domain)) return TOO_SKEWED;
    }
    return undefined;
  };
  const suppose = (other: PodInfo, node: NodeInfo, by: 1 | -1) => {
    if (!hasAllTopologies(node, constraints)) return;
    for (const rule of rules) rule.suppose(other, node, by);
  };
  return Object.assign(reject, { suppose });
}

/** The pods in each domain that has a node which counts. */
function countEligible(
  cycle: Cycle,
  constraint: Constraint,
  all: readonly Constraint[],
): Map<string, number> {
  const counts = new Map<string, number>();
  const onNodes = countOnNodes(cycle, constraint, cycle.pod.namespace);
  for (const node of cycle.nodes) {
    if (!hasAllTopologies(node, all) || !constraint.includes(node)) continue;
    const domain = node.labels[constraint.topologyKey]!;
    counts.set(domain, (counts.get(domain) ?? 0) + (onNodes.get(node) ?? 0));
  }
  return counts;
}

/** How many matching pods each domain has. */
class SkewRule {
  readonly topologyKey: string;
  readonly #constraint: Constraint;
  readonly #namespace: string;
  readonly #self: 0 | 1;
  readonly #counts: Map<string, number>;
  /** Of the emptiest domain; undefined when a count has changed since. */
  #fewest: number | undefined;

  constructor(constraint: Constraint, pod: PodInfo, counts: Map<string, number>) {
    this.topologyKey = constraint.topologyKey;
    this.#constraint = constraint;
    this.#namespace = pod.namespace;
    this.#self = constraint.selects(pod.labels) ? 1 : 0;
    this.#counts = counts;
  }

  isTooFull(domain: string): boolean {
    this.#fewest ??= least(this.#counts.values());
    const { maxSkew, minDomains } = this.#constraint;
    const fewest = this.#counts.size < minDomains ? 0 : this.#fewest;
    return (this.#counts.get(domain) ?? 0) + this.#self - fewest > maxSkew;
  }

  suppose(other: PodInfo, node: NodeInfo, by: 1 | -1): void {
    const counts = isCounted(other.pod, this.#constraint, this.#namespace);
    if (counts && this.#constraint.includes(node)) this.#add(node, by);
  }

  #add(node: NodeInfo, amount: number): void {
    const domain = node.labels[this.topologyKey]!;
    this.#counts.set(domain, (this.#counts.get(domain) ?? 0) + amount);
    this.#fewest = undefined;
  }
}

/** Counts the pods in each node's domains; a domain among many weighs more than one among few. */
function evennessScore(
  cycle: Cycle,
  feasible: readonly NodeInfo[],
  constraints: Constraint[],
  needsAllLabels: boolean,
): NodeScore {
  const { namespace } = cycle.pod;
  const isScored = (node: NodeInfo) => !needsAllLabels || hasAllTopologies(node, constraints);
  const scored = feasible.filter(isScored);
  const rules = constraints.map((constraint) => {
    const { topologyKey, maxSkew } = constraint;
    const tolerance = maxSkew - 1;
    if (topologyKey === HOSTNAME) {
      const onNodes = countOnNodes(cycle, constraint, namespace);
      const weight = Math.log(scored.length + 2);
      return { topologyKey, weight, tolerance, countFor: (node: NodeInfo) => onNodes.get(node) };
    }
    const counts =
      countAmongScored(cycle, scored, constraint, needsAllLabels ? constraints : []) ??
      countByDomain(cycle, isScored, scored, constraint);
    const weight = Math.log(counts.size + 2);
    const countFor = ({ labels }: NodeInfo) => counts.get(labels[topologyKey]);
    return { topologyKey, weight, tolerance, countFor };
  });
  return {
    score(node) {
      if (!isScored(node)) return 0;
      let score = 0;
      for (const { topologyKey, countFor, weight, tolerance } of rules) {
        if (node.labels[topologyKey] === undefined) continue;
        score += (countFor(node) ?? 0) * weight + tolerance;
      }
      return Math.round(score);
    },
    normalize: (scores, of) => fewestBecomesBest(scores, of.map(isScored)),
  };
}

/** The same as below, quicker, where all nodes count. */
function countAmongScored(
  cycle: Cycle,
  feasible: readonly NodeInfo[],
  constraint: Constraint,
  all: readonly Constraint[],
): Map<string | undefined, number> | undefined {
  const everywhere = countEverywhere(cycle, constraint, all, cycle.pod.namespace);
  if (everywhere === undefined) return undefined;
  const domains = new Set(feasible.map(({ labels }) => labels[constraint.topologyKey]));
  return new Map([...domains].map((domain) => [domain, everywhere.get(domain ?? "") ?? 0]));
}

/** The domains are those of the feasible nodes, the pods in them those on any node. */
function countByDomain(
  cycle: Cycle,
  isScored: (node: NodeInfo) => boolean,
  feasible: readonly NodeInfo[],
  constraint: Constraint,
): Map<string | undefined, number> {
  const domainOf = ({ labels }: NodeInfo) => labels[constraint.topologyKey];
  const counts = new Map(feasible.map((node) => [domainOf(node), 0]));
  for (const [node, more] of countOnNodes(cycle, constraint, cycle.pod.namespace)) {
    if (node.node === undefined || !isScored(node)) continue;
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
