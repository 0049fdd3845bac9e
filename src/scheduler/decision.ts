/**
 * What the scheduler decided about a pod and why: each rejected node's verdict, each feasible
 * node's scores. Kept for the latest pods, so that a student can ask for an explanation.
 *
 * Its rule: recording keeps what the cycle has worked out anyway; words are made when asked for.
 */
import type { Pod } from "../api/pod.ts";
import { keyOf } from "../client/object-cache.ts";
import type { Filters } from "./filters.ts";
import type { Rejection } from "./framework.ts";
import type { NodeInfo } from "./node-info.ts";

/** Why one node won't do, and who says so. */
export interface Verdict {
  node: string;
  plugin: string;
  rejection: Rejection;
}

/** One plug-in's scores, in the order of the feasible nodes. */
export interface PluginScores {
  plugin: string;
  weight: number;
  raw: number[];
  normalized: number[];
}

export interface Decision {
  pod: Pod;
  /** Ready to be asked again, for who might make room. */
  filters: Filters;
  verdicts: Verdict[];
  feasible: NodeInfo[];
  /** Empty when there was no choice. */
  scores: PluginScores[];
  /** Weighted sums, in the order of the feasible nodes. */
  totals: number[];
  chosen: NodeInfo | undefined;
}

export interface NodeExplanation {
  node: string;
  /** "chosen", "feasible", or why not, in Kubernetes' own sentences. */
  verdict: string;
  /** Whose verdict it is, of a node that will not do. */
  plugin?: string;
  total?: number;
  scores?: { plugin: string; score: number; weight: number }[];
}

export interface Explanation {
  pod: string;
  uid?: string;
  atTime: string;
  chosen?: string;
  /** Why it has no node, in the words of the event. */
  message?: string;
  nodes: NodeExplanation[];
}

interface Kept {
  uid: string | undefined;
  atTime: Date;
  chosen: string | undefined;
  message: string | undefined;
  verdicts: Verdict[];
  feasible: NodeInfo[];
  scores: PluginScores[];
  totals: number[];
}

/** So many verdicts and scores are kept in all: about 10 MB. */
const MOST_CELLS = 200_000;

export class DecisionLog {
  /** Pod key -> its latest decision; the oldest first. */
  readonly #kept = new Map<string, Kept>();
  #cells = 0;

  record(decision: Decision, atTime: Date, message?: string): void {
    const { pod, verdicts, feasible, scores, totals, chosen } = decision;
    const key = keyOf(pod.metadata);
    this.#drop(key);
    const { uid } = pod.metadata;
    const kept: Kept = {
      ...{ uid, atTime, chosen: chosen?.name, message },
      ...{ verdicts, feasible, scores, totals },
    };
    this.#kept.set(key, kept);
    this.#cells += cellsOf(kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#cells <= MOST_CELLS || oldest === key) break;
      this.#drop(oldest);
    }
  }

  /** The latest decision about a pod, in words and numbers. */
  explain(key: string): Explanation | undefined {
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    const rejected = kept.verdicts.map(({ node, plugin, rejection }) => ({
      node,
      plugin,
      verdict: rejection.reasons.join(", "),
    }));
    return {
      pod: key,
      ...(kept.uid === undefined ? {} : { uid: kept.uid }),
      atTime: kept.atTime.toISOString(),
      ...(kept.chosen === undefined ? {} : { chosen: kept.chosen }),
      ...(kept.message === undefined ? {} : { message: kept.message }),
      nodes: [...kept.feasible.map(({ name }, i) => scoredNode(kept, name, i)), ...rejected],
    };
  }

  /** The pods there is something to say about, the latest last. */
  pods(): string[] {
    return [...this.#kept.keys()];
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept) this.#cells -= cellsOf(kept);
    this.#kept.delete(key);
  }
}

function cellsOf({ verdicts, feasible, scores }: Kept): number {
  return 1 + verdicts.length + feasible.length * (1 + 2 * scores.length);
}

function scoredNode({ chosen, scores, totals }: Kept, node: string, i: number): NodeExplanation {
  return {
    node,
    verdict: node === chosen ? "chosen" : "feasible",
    total: totals[i] ?? 0,
    scores: scores.map(({ plugin, weight, normalized }) => ({
      plugin,
      score: normalized[i]!,
      weight,
    })),
  };
}
