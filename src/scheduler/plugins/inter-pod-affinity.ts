/**
 * Pods that want to be near other pods, or away from them.
 *
 * Anti-affinity works both ways: a pod already placed may keep a new one away. Affinity alone
 * never keeps away: a pod that matches its own rule may be the first.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/interpodaffinity
 */
import type { AffinityTerm } from "../affinity-term.ts";
import {
  type Cycle,
  MAX_SCORE,
  type NodeScore,
  type Plugin,
  unresolvable,
  unschedulable,
} from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";

const HARD_AFFINITY_WEIGHT = 1;

const NOT_NEAR = unresolvable("node(s) didn't match pod affinity rules");
const TOO_NEAR = unschedulable("node(s) didn't match pod anti-affinity rules");
const KEPT_AWAY = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");

export type NamespaceLabels = (namespace: string) => Record<string, string>;

export interface InterPodAffinityOptions {
  namespaceLabels: NamespaceLabels;
  /** What a placed pod's required affinity is worth to a pod it wants near. Default 1. */
  hardPodAffinityWeight?: number;
}

export function interPodAffinity(options: InterPodAffinityOptions): Plugin {
  const { namespaceLabels, hardPodAffinityWeight = HARD_AFFINITY_WEIGHT } = options;
  return {
    name: "InterPodAffinity",
    wakesOn: [
      "AssignedPodAdd",
      "AssignedPodUpdate",
      "AssignedPodDelete",
      "NodeAdd",
      "NodeLabelChange",
    ],
    filter: (cycle) => affinityFilter(cycle, namespaceLabels),
    score: (cycle) => affinityScore(cycle, namespaceLabels, hardPodAffinityWeight),
  };
}

/** Sums by "topology key, value of it": "how many of them are in zone a". */
class DomainSums {
  readonly #sums = new Map<string, Map<string, number>>();

  get isEmpty(): boolean {
    return this.#sums.size === 0;
  }

  add(node: NodeInfo, topologyKey: string, amount: number): void {
    const domain = node.labels[topologyKey];
    if (domain === undefined) return;
    const sums = this.#sums.get(topologyKey) ?? new Map<string, number>();
    sums.set(domain, (sums.get(domain) ?? 0) + amount);
    this.#sums.set(topologyKey, sums);
  }

  at(node: NodeInfo, topologyKey: string): number {
    return this.#sums.get(topologyKey)?.get(node.labels[topologyKey] ?? "") ?? 0;
  }

  /** Over all the domains the node is in. */
  total(node: NodeInfo): number {
    let total = 0;
    for (const topologyKey of this.#sums.keys()) total += this.at(node, topologyKey);
    return total;
  }
}

function affinityFilter({ pod, nodes, nodesWithAffinity }: Cycle, labelsOf: NamespaceLabels) {
  const { required, requiredAnti } = pod.affinityTerms;
  const keptAway = new DomainSums();
  forEachPod(nodesWithAffinity, "podsWithAffinity", (placed, node) => {
    for (const term of placed.affinityTerms.requiredAnti) {
      if (term.selects(pod.pod, labelsOf)) keptAway.add(node, term.topologyKey, 1);
    }
  });
  const wanted = new DomainSums();
  const unwanted = new DomainSums();
  const selectsAll = (terms: AffinityTerm[], other: PodInfo) =>
    terms.every((term) => term.selects(other.pod, labelsOf));
  if (required.length + requiredAnti.length > 0) {
    forEachPod(nodes, "pods", (placed, node) => {
      if (selectsAll(required, placed)) {
        for (const { topologyKey } of required) wanted.add(node, topologyKey, 1);
      }
      for (const term of requiredAnti) {
        if (term.selects(placed.pod, labelsOf)) unwanted.add(node, term.topologyKey, 1);
      }
    });
  }
  if (keptAway.isEmpty && required.length + requiredAnti.length === 0) return undefined;

  const mayBeFirst = wanted.isEmpty && selectsAll(required, pod);
  return (node: NodeInfo) => {
    const hasLabels = required.every(({ topologyKey }) => node.labels[topologyKey] !== undefined);
    const isNear = required.every(({ topologyKey }) => wanted.at(node, topologyKey) > 0);
    if (!hasLabels || !(isNear || mayBeFirst)) return NOT_NEAR;
    if (requiredAnti.some(({ topologyKey }) => unwanted.at(node, topologyKey) > 0)) return TOO_NEAR;
    return keptAway.total(node) > 0 ? KEPT_AWAY : undefined;
  };
}

/** The wishes of the new pod, and those the placed pods have about it. */
function affinityScore(
  { pod, nodes, nodesWithAffinity }: Cycle,
  labelsOf: NamespaceLabels,
  hardWeight: number,
): NodeScore | undefined {
  const { preferred, preferredAnti } = pod.affinityTerms;
  const sums = new DomainSums();
  const count = (terms: AffinityTerm[], about: PodInfo, node: NodeInfo, weight: number) => {
    for (const term of terms) {
      const worth = weight * (term.weight || hardWeight);
      if (term.selects(about.pod, labelsOf)) sums.add(node, term.topologyKey, worth);
    }
  };
  if (preferred.length + preferredAnti.length > 0) {
    forEachPod(nodes, "pods", (placed, node) => {
      count(preferred, placed, node, 1);
      count(preferredAnti, placed, node, -1);
    });
  }
  forEachPod(nodesWithAffinity, "podsWithAffinity", (placed, node) => {
    const terms = placed.affinityTerms;
    if (hardWeight > 0) count(terms.required, pod, node, 1);
    count(terms.preferred, pod, node, 1);
    count(terms.preferredAnti, pod, node, -1);
  });
  if (sums.isEmpty) return undefined;
  return { score: (node) => sums.total(node), normalize: stretch };
}

/** From the least to the most, stretched over 0 to 100. */
function stretch(scores: number[]): void {
  const most = scores.reduce((a, b) => Math.max(a, b), 0);
  const least = scores.reduce((a, b) => Math.min(a, b), 0);
  for (let i = 0; i < scores.length; i++) {
    const share = most === least ? 0 : (scores[i]! - least) / (most - least);
    scores[i] = Math.trunc(MAX_SCORE * share);
  }
}

function forEachPod(
  nodes: readonly NodeInfo[],
  which: "pods" | "podsWithAffinity",
  visit: (pod: PodInfo, node: NodeInfo) => void,
): void {
  for (const node of nodes) for (const pod of node[which].values()) visit(pod, node);
}
