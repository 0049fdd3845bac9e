/**
 * What keeps a node usable: dead containers and unused images are removed, and when memory or disk run
 * short all the same, pods are evicted.
 */
import { every } from "../component/clock.ts";
import type { Foundation } from "./foundation.ts";
import { ImageCollector } from "./node/image-collector.ts";
import type { NodeParts } from "./node/node.ts";
import type { Signal } from "./node/thresholds.ts";
import type { PodSources } from "./pod-sources/sources.ts";
import { Eviction } from "./pods/eviction.ts";
import { GarbageCollector } from "./pods/garbage-collector.ts";
import type { PodParts } from "./pods/pods.ts";

const PERIOD_MS = 2_000;

export interface Housekeeping {
  start(): void;
  /** Whether the node is, or was not long ago, short of memory or disk. */
  isShortOf(signal: Signal): boolean;
}

export function assembleHousekeeping(
  foundation: Foundation,
  { workers, volumes }: PodParts,
  sources: PodSources,
  node: NodeParts,
): Housekeeping {
  const { settings, clock, signal } = foundation;
  const garbage = new GarbageCollector({ ...foundation, workers, sources, volumes });
  const images = new ImageCollector({
    ...foundation,
    sandboxImage: settings.sandboxImage,
    highPercent: settings.imageGcHighThreshold,
    lowPercent: settings.imageGcLowThreshold,
  });
  const eviction = new Eviction({
    ...foundation,
    workers,
    thresholds: settings.evictionHard,
    freeDisk: async () => {
      await garbage.collect();
      await images.free(Infinity);
    },
    onChange: () => void node.status.update(),
  });
  return {
    start() {
      every(clock, PERIOD_MS, signal, () => void garbage.keepHouse());
      images.start();
      eviction.start();
    },
    isShortOf: (what) => eviction.isShortOf(what),
  };
}
