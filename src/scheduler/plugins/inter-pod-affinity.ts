/**
 * Pods that want to be near other pods, or away from them.
 *
 * Anti-affinity works both ways: a pod already placed may keep a new one away. Affinity alone
 * never keeps away: a pod that matches its own rule may be the first.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/interpodaffinity
 */
import type { AffinityTerm } from "../affinity-term.ts";
import type { Census, Counts, Sort } from "../census.ts";
import {
  type Cycle,
  MAX_SCORE,
  type NodeFilter,
  type NodeScore,
  type Plugin,
  type Rejection,
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
  /** Then what placed pods would like counts only for pods that have wishes themselves. */
  ignoresPreferredTermsOfPlacedPods?: boolean;
}

export function interPodAffinity(options: InterPodAffinityOptions): Plugin {
  const { namespaceLabels, hardPodAffinityWeight = HARD_AFFINITY_WEIGHT } = options;
  const hasWishes = ({ pod }: Cycle) =>
    pod.affinityTerms.preferred.length + pod.affinityTerms.preferredAnti.length > 0;
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
    score: (cycle) =>
      options.ignoresPreferredTermsOfPlacedPods && !hasWishes(cycle)
        ? undefined
        : affinityScore(cycle, namespaceLabels, hardPodAffinityWeight),
  };
}

/** Sums by "topology key, value of it": "how many of them are in zone a". */
class DomainSums {
  readonly #sums = new Map<string, Counts>();
  /** Which of them are the census', not to be changed. */
  readonly #borrowed = new Set<string>();

  get isEmpty(): boolean {
    return this.#sums.size === 0;
  }

  add(node: NodeInfo, topologyKey: string, amount: number): void {
    const domain = node.labels[topologyKey];
    if (domain !== undefined) this.#addAll(topologyKey, new Map([[domain, amount]]), 1);
  }

  /** All who are counted already, `weight` for each. */
  addAll({ tally }: Sort, topologyKey: string, weight = 1): void {
    const counts = tally.in(topologyKey);
    if (counts.size === 0 || weight === 0) return;
    if (weight !== 1 || this.#sums.has(topologyKey)) {
      this.#addAll(topologyKey, counts, weight);
      return;
    }
    this.#sums.set(topologyKey, counts);
    this.#borrowed.add(topologyKey);
  }

  #addAll(topologyKey: string, counts: Counts, weight: number): void {
    const sums = this.#own(topologyKey);
    for (const [domain, count] of counts) {
      const sum = (sums.get(domain) ?? 0) + count * weight;
      if (sum === 0) sums.delete(domain);
      else sums.set(domain, sum);
    }
    if (sums.size === 0) this.#sums.delete(topologyKey);
  }

  #own(topologyKey: string): Map<string, number> {
    const there = this.#sums.get(topologyKey);
    const isOwn = there !== undefined && !this.#borrowed.delete(topologyKey);
    const sums = isOwn ? (there as Map<string, number>) : new Map(there);
    this.#sums.set(topologyKey, sums);
    return sums;
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

function affinityFilter(cycle: Cycle, labelsOf: NamespaceLabels): NodeFilter | undefined {
  const { pod, census, nominatedOn } = cycle;
  const neighbours = new Neighbours(pod, labelsOf);
  neighbours.countAll(census);
  if (neighbours.isIndifferent && nominatedOn === undefined) return undefined;
  return Object.assign((node: NodeInfo) => neighbours.rejectionOf(node), {
    suppose(other: PodInfo, node: NodeInfo, by: 1 | -1) {
      neighbours.count(other, node, by);
    },
  });
}

/** The placed pods that matter to one new pod, counted by the domains they are in. */
class Neighbours {
  readonly #pod: PodInfo;
  readonly #labelsOf: NamespaceLabels;
  /** Placed pods that do not want the new one near. */
  readonly #refusals = new DomainSums();
  /** Those it wants to be near, and those it wants to be away from. */
  readonly #wanted = new DomainSums();
  readonly #unwanted = new DomainSums();

  constructor(pod: PodInfo, labelsOf: NamespaceLabels) {
    this.#pod = pod;
    this.#labelsOf = labelsOf;
  }

  get hasWishes(): boolean {
    const { required, requiredAnti } = this.#pod.affinityTerms;
    return required.length + requiredAnti.length > 0;
  }

  get isIndifferent(): boolean {
    return this.#refusals.isEmpty && !this.hasWishes;
  }

  countAll(census: Census): void {
    for (const sort of census.podsWithAffinity()) {
      this.#tellRefusals(sort.example, (sums, key) => sums.addAll(sort, key));
    }
    if (!this.hasWishes) return;
    for (const sort of census.pods()) {
      this.#tellWishes(sort.example, (sums, key) => sums.addAll(sort, key));
    }
  }

  /** One more on a node, or one less. */
  count(placed: PodInfo, node: NodeInfo, by: 1 | -1): void {
    if (placed.hasAffinity) this.#tellRefusals(placed, (sums, key) => sums.add(node, key, by));
    this.#tellWishes(placed, (sums, key) => sums.add(node, key, by));
  }

  #tellRefusals(placed: PodInfo, tell: (sums: DomainSums, topologyKey: string) => void): void {
    for (const term of placed.affinityTerms.requiredAnti) {
      if (term.selects(this.#pod.pod, this.#labelsOf)) tell(this.#refusals, term.topologyKey);
    }
  }

  #tellWishes(placed: PodInfo, tell: (sums: DomainSums, topologyKey: string) => void): void {
    const { required, requiredAnti } = this.#pod.affinityTerms;
    if (required.length > 0 && this.#isWanted(placed)) {
      for (const { topologyKey } of required) tell(this.#wanted, topologyKey);
    }
    for (const term of requiredAnti) {
      if (term.selects(placed.pod, this.#labelsOf)) tell(this.#unwanted, term.topologyKey);
    }
  }

  rejectionOf(node: NodeInfo): Rejection | undefined {
    const { required, requiredAnti } = this.#pod.affinityTerms;
    if (required.length > 0 && !this.#isNear(node)) return NOT_NEAR;
    const isAmongUnwanted = requiredAnti.some(
      ({ topologyKey }) => this.#unwanted.at(node, topologyKey) > 0,
    );
    if (isAmongUnwanted) return TOO_NEAR;
    return this.#refusals.total(node) > 0 ? KEPT_AWAY : undefined;
  }

  #isNear(node: NodeInfo): boolean {
    const { required } = this.#pod.affinityTerms;
    if (required.some(({ topologyKey }) => node.labels[topologyKey] === undefined)) return false;
    if (required.every(({ topologyKey }) => this.#wanted.at(node, topologyKey) > 0)) return true;
    return this.#wanted.isEmpty && this.#isWanted(this.#pod);
  }

  #isWanted(other: PodInfo): boolean {
    return this.#pod.affinityTerms.required.every((term) =>
      term.selects(other.pod, this.#labelsOf),
    );
  }
}

/** The wishes of the new pod, and those the placed pods have about it. */
function affinityScore(
  { pod, census }: Cycle,
  labelsOf: NamespaceLabels,
  hardWeight: number,
): NodeScore | undefined {
  const { preferred, preferredAnti } = pod.affinityTerms;
  const sums = new DomainSums();
  const count = (terms: AffinityTerm[], about: PodInfo, sort: Sort, weight: number) => {
    for (const term of terms) {
      const worth = weight * (term.weight || hardWeight);
      if (term.selects(about.pod, labelsOf)) sums.addAll(sort, term.topologyKey, worth);
    }
  };
  if (preferred.length + preferredAnti.length > 0) {
    for (const sort of census.pods()) {
      count(preferred, sort.example, sort, 1);
      count(preferredAnti, sort.example, sort, -1);
    }
  }
  for (const sort of census.podsWithAffinity()) {
    const terms = sort.example.affinityTerms;
    if (hardWeight > 0) count(terms.required, pod, sort, 1);
    count(terms.preferred, pod, sort, 1);
    count(terms.preferredAnti, pod, sort, -1);
  }
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
