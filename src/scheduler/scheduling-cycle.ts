/**
 * One cycle: filter the nodes that could take the pod, score those, pick the best.
 *
 * Its rule: it only thinks. It sees the cluster as it is at one moment, changes nothing, and says
 * where the pod should go or why it can't. Binding it there is the scheduler's (scheduler.ts).
 *
 * In Kubernetes: pkg/scheduler/schedule_one.go (schedulePod)
 * Differs: one thread, so nodes are filtered one after another.
 */
import type { Random } from "../component/random.ts";
import type { Decision, PluginScores, Verdict } from "./decision.ts";
import { Filters } from "./filters.ts";
import type { Cycle, WeightedPlugin } from "./framework.ts";
import type { NodeInfo } from "./node-info.ts";

const MIN_FEASIBLE_NODES = 100;
const MIN_PERCENTAGE = 5;

export interface CycleOptions {
  plugins: readonly WeightedPlugin[];
  random: Random;
  /** How many of the nodes to find feasible before scoring. 0: fewer of many, as below. */
  percentageOfNodesToScore: number;
}

/** What came of the filters. */
export interface Filtered {
  filters: Filters;
  feasible: NodeInfo[];
  verdicts: Verdict[];
}

export class SchedulingCycle {
  readonly #options: CycleOptions;
  /** Where to begin looking next time, so that every node gets its turn. */
  #start = 0;

  constructor(options: CycleOptions) {
    this.#options = options;
  }

  /** Filter, score, choose. */
  run(cycle: Cycle): Decision {
    return this.choose(cycle, this.filter(cycle));
  }

  filter(cycle: Cycle): Filtered {
    const filters = new Filters(this.#options.plugins, cycle);
    if (filters.refusal) return { filters, feasible: [], verdicts: [] };
    return onNominatedNode(cycle, filters) ?? this.#search(cycle, filters);
  }

  /** `more`: what others than the plug-ins give each feasible node, in their order. */
  choose(cycle: Cycle, { filters, feasible, verdicts }: Filtered, more: PluginScores[] = []) {
    const scores = feasible.length > 1 ? [...this.#score(cycle, feasible), ...more] : [];
    const totals = totalsOf(scores, feasible.length);
    const chosen = this.#best(feasible, totals);
    return { pod: cycle.pod.pod, filters, verdicts, feasible, scores, totals, chosen };
  }

  #search({ nodes }: Cycle, filters: Filters): Filtered {
    const enough = feasibleNodesToFind(nodes.length, this.#options.percentageOfNodesToScore);
    const feasible: NodeInfo[] = [];
    const verdicts: Verdict[] = [];
    for (let i = 0; i < nodes.length && feasible.length < enough; i++) {
      const node = nodes[(this.#start + i) % nodes.length]!;
      const verdict = filters.verdictOn(node);
      if (verdict) verdicts.push(verdict);
      else feasible.push(node);
    }
    this.#start = (this.#start + feasible.length + verdicts.length) % Math.max(1, nodes.length);
    return { filters, feasible, verdicts };
  }

  #score(cycle: Cycle, feasible: NodeInfo[]): PluginScores[] {
    const all: PluginScores[] = [];
    for (const { plugin, weight } of this.#options.plugins) {
      const scorer = weight > 0 ? plugin.score?.(cycle, feasible) : undefined;
      if (!scorer) continue;
      const raw = feasible.map((node) => scorer.score(node));
      const normalized = scorer.normalize ? [...raw] : raw;
      scorer.normalize?.(normalized, feasible);
      all.push({ plugin: plugin.name, weight, raw, normalized });
    }
    return all;
  }

  /** The highest total; among equals any. */
  #best(feasible: NodeInfo[], totals: number[]): NodeInfo | undefined {
    const highest = totals.reduce((a, b) => Math.max(a, b), 0);
    const best = feasible.filter((_, i) => totals[i] === highest);
    return best[Math.floor(this.#options.random.next() * best.length)];
  }
}

/** Where room was made for the pod it goes, if there is room now, and no other node is looked at. */
function onNominatedNode({ promised, nodes }: Cycle, filters: Filters): Filtered | undefined {
  if (promised === undefined) return undefined;
  const node = nodes.find(({ name }) => name === promised);
  if (!node || filters.verdictOn(node)) return undefined;
  return { filters, feasible: [node], verdicts: [] };
}

function totalsOf(scores: PluginScores[], nodeCount: number): number[] {
  const totals = new Array<number>(nodeCount).fill(0);
  for (const { weight, normalized } of scores) {
    for (let i = 0; i < nodeCount; i++) totals[i]! += weight * normalized[i]!;
  }
  return totals;
}

/** All of up to 100 nodes; of more, 50 % less 1 % for each 125 nodes, at least 5 % and 100 nodes. */
export function feasibleNodesToFind(nodeCount: number, percentage = 0): number {
  if (nodeCount < MIN_FEASIBLE_NODES) return nodeCount;
  const adaptive = Math.max(50 - Math.trunc(nodeCount / 125), MIN_PERCENTAGE);
  const share = percentage === 0 ? adaptive : percentage;
  return Math.max(MIN_FEASIBLE_NODES, Math.trunc((nodeCount * share) / 100));
}
