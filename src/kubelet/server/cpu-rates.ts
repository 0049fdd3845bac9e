/**
 * How much of the processor each container uses now: the time it has used since an earlier reading, over
 * the time that has passed. A runtime only tells the time used since the start.
 *
 * Of each container one reading is kept, for ten seconds; what is asked in between is measured from it.
 * One that is new is given its average since it was started.
 *
 * In Kubernetes: cadvisor's housekeeping and pkg/kubelet/stats (cpuUsageNanoCores)
 */
import type { ContainerStats } from "../runtime/runtime.ts";

interface Reading {
  atMs: number;
  nanoseconds: number;
}

interface Rate {
  /** Where it is measured from. */
  from: Reading;
  nanoCores: number;
}

const KEPT_MS = 10_000;
const SHORTEST_MS = 1_000;

export class CpuRates {
  #rates = new Map<string, Rate>();

  /** Takes a new reading of all containers; those that are not there any more are forgotten. */
  read(stats: readonly ContainerStats[], startOf: (one: ContainerStats) => Date): void {
    this.#rates = new Map(stats.map((one) => [one.containerId, this.#next(one, startOf(one))]));
  }

  /** In billionths of a processor. */
  of({ containerId }: ContainerStats): number {
    return this.#rates.get(containerId)?.nanoCores ?? 0;
  }

  #next({ containerId, time, cpuNanoseconds }: ContainerStats, start: Date): Rate {
    const now = { atMs: time.getTime(), nanoseconds: cpuNanoseconds };
    const before = this.#rates.get(containerId);
    if (before === undefined) {
      const nanoCores = rateBetween({ atMs: start.getTime(), nanoseconds: 0 }, now, 0);
      return { from: now, nanoCores };
    }
    const isOver = now.atMs - before.from.atMs >= KEPT_MS;
    const nanoCores = rateBetween(before.from, now, before.nanoCores);
    return { from: isOver ? now : before.from, nanoCores };
  }
}

/** Readings too close together say nothing, and `otherwise` stays. */
function rateBetween(from: Reading, to: Reading, otherwise: number): number {
  const ms = to.atMs - from.atMs;
  if (ms < SHORTEST_MS) return otherwise;
  return Math.max(0, ((to.nanoseconds - from.nanoseconds) * 1000) / ms);
}
