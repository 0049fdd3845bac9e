/**
 * Extenders: other people's programs that the scheduler asks over HTTP which nodes will do, how good each
 * is, whom preemption may send away, and that may bind pods themselves.
 *
 * In Kubernetes: pkg/scheduler/extender.go, pkg/scheduler/schedule_one.go (findNodesThatPassExtenders)
 */
import type { Pod } from "../api/pod.ts";
import type { ComponentContext } from "../client/control-loop.ts";
import type { Log } from "../component/log.ts";
import type { PluginScores } from "./decision.ts";
import { Extender, type ExtenderOptions } from "./extender.ts";
import type { NodeInfo } from "./node-info.ts";
import type { Candidate } from "./preemption/victims.ts";
import type { Filtered } from "./scheduling-cycle.ts";

export type { ExtenderOptions };

/** An extender's scores go to 10, a plug-in's to 100. */
const SCALE = 10;

type Surroundings = Pick<ComponentContext, "clock" | "log" | "signal">;

export class Extenders {
  readonly #all: readonly Extender[];
  readonly #log: Log;

  constructor(options: readonly ExtenderOptions[], { clock, log, signal }: Surroundings) {
    this.#all = options.map((one) => new Extender(one, clock));
    this.#log = log;
    signal.addEventListener("abort", () => this.#close(), { once: true });
  }

  areInterestedIn(pod: Pod): boolean {
    return this.#all.some((one) => one.isInterestedIn(pod));
  }

  /** One after another, each sees what the ones before have left. */
  async filter(pod: Pod, filtered: Filtered): Promise<Filtered> {
    let { feasible } = filtered;
    const verdicts = [...filtered.verdicts];
    for (const extender of this.#all) {
      if (feasible.length === 0) break;
      if (!extender.isInterestedIn(pod) || !extender.filters) continue;
      try {
        const { nodes, refused } = await extender.filter(pod, feasible);
        feasible = nodes;
        verdicts.push(...refused);
      } catch (error) {
        if (!extender.isIgnorable) throw error;
        this.#log.error(
          "Skipping extender as it returned an error and has ignorable flag set",
          error,
        );
      }
    }
    return { ...filtered, feasible, verdicts };
  }

  /** One that fails says nothing. */
  async prioritize(pod: Pod, nodes: readonly NodeInfo[]): Promise<PluginScores[]> {
    if (nodes.length <= 1) return [];
    const asked = this.#all.filter((one) => one.isInterestedIn(pod) && one.prioritizes);
    const all = await Promise.all(
      asked.map(async (extender): Promise<PluginScores | undefined> => {
        try {
          const raw = await extender.prioritize(pod, nodes);
          const normalized = raw.map((score) => score * SCALE);
          return { plugin: extender.url, weight: extender.weight, raw, normalized };
        } catch (error) {
          this.#log.error("Failed to run extender's priority function. No score given", error);
          return undefined;
        }
      }),
    );
    return all.filter((one) => one !== undefined);
  }

  /** Leaves out the candidates, and the victims, that an extender does not agree to. */
  async reviewPreemption(
    pod: Pod,
    candidates: Candidate[],
    nodes: readonly NodeInfo[],
  ): Promise<Candidate[]> {
    let left = candidates;
    for (const extender of this.#all) {
      if (left.length === 0 || !extender.preempts || !extender.isInterestedIn(pod)) continue;
      try {
        left = await extender.reviewPreemption(pod, left, nodes);
      } catch (error) {
        if (!extender.isIgnorable) throw error;
        this.#log.error("Skipped extender as it returned error and has ignorable flag set", error);
      }
    }
    return left;
  }

  /** Undefined: none of them binds this pod. */
  bind(pod: Pod, nodeName: string): Promise<void> | undefined {
    const binder = this.#all.find((one) => one.binds && one.isInterestedIn(pod));
    return binder?.bind(pod, nodeName);
  }

  #close(): void {
    for (const extender of this.#all) extender.close();
  }
}
