/**
 * A profile at work: its plug-ins, and the cycle that asks them.
 *
 * In Kubernetes: pkg/scheduler/profile, pkg/scheduler/framework/runtime/framework.go
 */
import type { Pod } from "../api/pod.ts";
import type { Informers } from "../client/informer.ts";
import type { Random } from "../component/random.ts";
import type { Decision } from "./decision.ts";
import type { WeightedPlugin } from "./framework.ts";
import type { NodeCache } from "./node-cache.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodVolumes } from "./pod-volumes.ts";
import type { PreemptionOptions } from "./preemption/preemption.ts";
import { createProfile, DEFAULT_SCHEDULER, type ProfileOptions } from "./profile.ts";
import { SchedulingCycle } from "./scheduling-cycle.ts";
import type { IsHelpedBy } from "./scheduling-queue.ts";

export interface Surroundings {
  informers: Informers;
  cache: NodeCache;
  random: Random;
  volumes: PodVolumes;
}

export class Profile {
  readonly name: string;
  readonly cycle: SchedulingCycle;
  readonly preempts: boolean;
  readonly preemption: PreemptionOptions;
  readonly #plugins: readonly WeightedPlugin[];

  constructor(options: ProfileOptions, { informers, cache, random, volumes }: Surroundings) {
    const { name = DEFAULT_SCHEDULER, preempts = true, preemption = {} } = options;
    this.name = name;
    this.preempts = preempts;
    this.preemption = preemption;
    this.#plugins = createProfile(informers, cache, options, volumes);
    const { percentageOfNodesToScore = 0 } = options;
    this.cycle = new SchedulingCycle({ plugins: this.#plugins, random, percentageOfNodesToScore });
  }

  holdsBack(pod: Pod): boolean {
    return this.#plugins.some(({ plugin }) => plugin.holdsBack?.(pod));
  }

  /** What has to be done on the chosen node before the binding, one plug-in after another. */
  async prepare(pod: PodInfo, node: NodeInfo): Promise<void> {
    for (const { plugin, prepares } of this.#plugins) {
      if (!prepares) continue;
      try {
        await plugin.prepare?.(pod, node);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(`running PreBind plugin "${plugin.name}": ${why}`, { cause: error });
      }
    }
  }

  /** Only those who rejected the pod are asked whether something that happens helps it. */
  helpedBy({ verdicts, filters }: Decision): IsHelpedBy {
    const names = new Set(verdicts.map(({ plugin }) => plugin));
    if (filters.refusal) names.add(filters.refusal.plugin);
    const rejecting = this.#plugins.filter(({ plugin }) => names.has(plugin.name));
    if (rejecting.length === 0) return () => true;
    return (pod, change) =>
      rejecting.some(
        ({ plugin }) =>
          plugin.wakesOn?.includes(change.event) && (plugin.isHelpedBy?.(pod, change) ?? true),
      );
  }
}
