/**
 * How many of the placed pods that are alike are in each domain: on each host, in each zone.
 *
 * Its rule: it is kept pod by pod, as they come and go. So a question about all pods of a cluster costs as
 * much as there are sorts of pods, and not as there are pods.
 *
 * In Kubernetes: nothing; the plug-ins of pkg/scheduler/framework/plugins/{interpodaffinity,podtopologyspread}
 * walk over all pods for each new one, sixteen threads at a time.
 */
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";

/** Domain -> how many. Only those that are not 0. */
export type Counts = ReadonlyMap<string, number>;

/** Something counted on nodes. */
export class Tally {
  readonly #onNodes = new Map<NodeInfo, number>();
  /** Topology key -> domain -> how many; made when first asked for, and kept from then on. */
  readonly #inDomains = new Map<string, Map<string, number>>();

  get isEmpty(): boolean {
    return this.#onNodes.size === 0;
  }

  /** Only those nodes on which it is not 0. */
  get onNodes(): ReadonlyMap<NodeInfo, number> {
    return this.#onNodes;
  }

  /** By the labels the node has now: who changes them takes all away before, and adds it again. */
  add(node: NodeInfo, amount: number): void {
    addTo(this.#onNodes, node, amount);
    for (const [topologyKey, counts] of this.#inDomains) {
      const domain = node.labels[topologyKey];
      if (domain !== undefined) addTo(counts, domain, amount);
    }
  }

  in(topologyKey: string): Counts {
    const known = this.#inDomains.get(topologyKey);
    if (known !== undefined) return known;
    const counts = new Map<string, number>();
    for (const [{ labels }, amount] of this.#onNodes) {
      const domain = labels[topologyKey];
      if (domain !== undefined) addTo(counts, domain, amount);
    }
    this.#inDomains.set(topologyKey, counts);
    return counts;
  }
}

/** Pods that are alike: what holds for one of them, holds for all. */
export interface Sort {
  example: PodInfo;
  tally: Tally;
}

export class Census {
  /** Every node once. */
  readonly nodes = new Tally();
  readonly #byLabels = new Map<string, Sort>();
  readonly #byAffinity = new Map<string, Sort>();

  /** All placed pods, by what a selector can see of them. */
  pods(): Iterable<Sort> {
    return this.#byLabels.values();
  }

  /** Those with (anti-)affinity to other pods, by what it is. */
  podsWithAffinity(): Iterable<Sort> {
    return this.#byAffinity.values();
  }

  /** A pod came to a node, or left it. */
  count(pod: PodInfo, node: NodeInfo, by: 1 | -1): void {
    countIn(this.#byLabels, pod.likeness, pod, node, by);
    if (pod.hasAffinity) countIn(this.#byAffinity, pod.affinityLikeness, pod, node, by);
  }
}

function countIn(
  sorts: Map<string, Sort>,
  likeness: string,
  pod: PodInfo,
  node: NodeInfo,
  by: 1 | -1,
): void {
  let sort = sorts.get(likeness);
  if (sort === undefined) {
    sort = { example: pod, tally: new Tally() };
    sorts.set(likeness, sort);
  }
  sort.tally.add(node, by);
  if (sort.tally.isEmpty) sorts.delete(likeness);
}

function addTo<K>(counts: Map<K, number>, key: K, amount: number): void {
  const sum = (counts.get(key) ?? 0) + amount;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}
