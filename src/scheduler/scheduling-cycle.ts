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
import type { Cycle, NodeFilter, WeightedPlugin } from "./framework.ts";
import type { NodeInfo } from "./node-info.ts";

const MIN_FEASIBLE_NODES = 100;
const MIN_PERCENTAGE = 5;

export interface CycleOptions {
  plugins: readonly WeightedPlugin[];
  random: Random;
  /** How many of the nodes to find feasible before scoring. 0: fewer of many, as below. */
  percentageOfNodesToScore: number;
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
    const { feasible, verdicts } = this.#filter(cycle);
    const scores = feasible.length > 1 ? this.#score(cycle, feasible) : [];
    const totals = totalsOf(scores, feasible.length);
    const chosen = this.#best(feasible, totals);
    return { pod: cycle.pod.pod, verdicts, feasible, scores, totals, chosen };
  }

  #filter(cycle: Cycle): { feasible: NodeInfo[]; verdicts: Verdict[] } {
    const { nodes } = cycle;
    const filters = this.#filtersFor(cycle);
    const enough = feasibleNodesToFind(nodes.length, this.#options.percentageOfNodesToScore);
    const feasible: NodeInfo[] = [];
    const verdicts: Verdict[] = [];
    for (let i = 0; i < nodes.length && feasible.length < enough; i++) {
      const node = nodes[(this.#start + i) % nodes.length]!;
      const verdict = firstRejection(node, filters);
      if (verdict) verdicts.push(verdict);
      else feasible.push(node);
    }
    this.#start = (this.#start + feasible.length + verdicts.length) % Math.max(1, nodes.length);
    return { feasible, verdicts };
  }

  #filtersFor(cycle: Cycle): NamedFilter[] {
    return this.#options.plugins.flatMap(({ plugin, filters }) => {
      const filter = filters ? plugin.filter?.(cycle) : undefined;
      return filter ? [{ plugin: plugin.name, filter }] : [];
    });
  }

  #score(cycle: Cycle, feasible: NodeInfo[]): PluginScores[] {
    return this.#options.plugins.flatMap(({ plugin, weight }) => {
      const scorer = weight > 0 ? plugin.score?.(cycle, feasible) : undefined;
      if (!scorer) return [];
      const raw = feasible.map((node) => scorer.score(node));
      const normalized = [...raw];
      scorer.normalize?.(normalized, feasible);
      return [{ plugin: plugin.name, weight, raw, normalized }];
    });
  }

  /** The highest total; among equals any. */
  #best(feasible: NodeInfo[], totals: number[]): NodeInfo | undefined {
    const highest = totals.reduce((a, b) => Math.max(a, b), 0);
    const best = feasible.filter((_, i) => totals[i] === highest);
    return best[Math.floor(this.#options.random.next() * best.length)];
  }
}

interface NamedFilter {
  plugin: string;
  filter: NodeFilter;
}

/** The first plug-in that says no ends it: its reasons are the node's. */
function firstRejection(node: NodeInfo, filters: NamedFilter[]): Verdict | undefined {
  for (const { plugin, filter } of filters) {
    const rejection = filter(node);
    if (rejection) return { node: node.name, plugin, rejection };
  }
  return undefined;
}

function totalsOf(scores: PluginScores[], nodeCount: number): number[] {
  return Array.from({ length: nodeCount }, (_, i) =>
    scores.reduce((sum, { weight, normalized }) => sum + weight * normalized[i]!, 0),
  );
}

/** All of up to 100 nodes; of more, 50 % less 1 % for each 125 nodes, at least 5 % and 100 nodes. */
export function feasibleNodesToFind(nodeCount: number, percentage = 0): number {
  if (nodeCount < MIN_FEASIBLE_NODES) return nodeCount;
  const adaptive = Math.max(50 - Math.trunc(nodeCount / 125), MIN_PERCENTAGE);
  const share = percentage === 0 ? adaptive : percentage;
  return Math.max(MIN_FEASIBLE_NODES, Math.trunc((nodeCount * share) / 100));
}
