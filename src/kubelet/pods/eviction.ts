/**
 * Eviction: when the node runs short of memory or disk it says so in its conditions, takes no more
 * pods that could make it worse, frees what it can, and then ends pods, one at a time.
 *
 * In Kubernetes: pkg/kubelet/eviction/eviction_manager.go
 * Differs: hard thresholds only; the pod gets no DisruptionTarget condition.
 */
import type { Pod } from "../../api/pod.ts";
import { formatQuantity } from "../../api/quantity.ts";
import { podRequests } from "../../api/resources.ts";
import type { EventRecorder } from "../../client/events.ts";
import { type Clock, every } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import { nodeReference } from "../node/status.ts";
import { type Shortage, type Signal, shortagesOf, type Threshold } from "../node/thresholds.ts";
import type { NodeUsage } from "../node/usage.ts";
import type { ContainerStats, Runtime } from "../runtime/runtime.ts";
import { inOrderOfEviction, isCritical } from "./eviction-order.ts";
import type { PodWorkers } from "./workers.ts";

const CHECK_MS = 10_000;
/** How long a condition stays after its cause has gone, so that it does not flap. */
const TRANSITION_MS = 300_000;
const GRACE_SECONDS = 1;

const RESOURCES = {
  "memory.available": "memory",
  "nodefs.available": "ephemeral-storage",
} as const satisfies Record<Signal, string>;

export interface EvictionOptions {
  runtime: Runtime;
  workers: PodWorkers;
  events: EventRecorder;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  nodeName: string;
  thresholds: Threshold[];
  usage(): Promise<NodeUsage>;
  /** Removes what nobody needs from the disk. */
  freeDisk(): Promise<void>;
  /** The node is under pressure, or no longer. */
  onChange(): void;
}

export class Eviction {
  readonly #options: EvictionOptions;
  readonly #lastShortMs = new Map<Signal, number>();

  constructor(options: EvictionOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, signal, thresholds } = this.#options;
    if (thresholds.length > 0) every(clock, CHECK_MS, signal, () => void this.check());
  }

  isShortOf(signal: Signal): boolean {
    const lastMs = this.#lastShortMs.get(signal);
    return lastMs !== undefined && this.#options.clock.monotonicMs() - lastMs < TRANSITION_MS;
  }

  /** Looks at what is left, and acts. What fails is tried again with the next look. */
  async check(): Promise<void> {
    const { events, nodeName, log, freeDisk } = this.#options;
    try {
      const before = this.#conditions();
      const [shortage] = await this.#shortages();
      if (this.#conditions() !== before) this.#options.onChange();
      if (shortage === undefined) return;
      const message = `Attempting to reclaim ${RESOURCES[shortage.signal]}`;
      events.event(nodeReference(nodeName), "Warning", "EvictionThresholdMet", message);
      if (shortage.signal === "nodefs.available") {
        await freeDisk();
        if ((await this.#shortages()).length === 0) return;
      }
      await this.#evictOne(shortage);
    } catch (error) {
      log.error("Eviction manager: failed to synchronize", error);
    }
  }

  async #shortages(): Promise<Shortage[]> {
    const { usage, thresholds, clock } = this.#options;
    const shortages = shortagesOf(thresholds, await usage());
    for (const { signal } of shortages) this.#lastShortMs.set(signal, clock.monotonicMs());
    return shortages;
  }

  #conditions(): string {
    return Object.keys(RESOURCES)
      .filter((signal) => this.isShortOf(signal as Signal))
      .join();
  }

  async #evictOne(shortage: Shortage): Promise<void> {
    const { runtime, workers, events, log } = this.#options;
    const resource = RESOURCES[shortage.signal];
    const stats = await runtime.stats();
    const pods = workers.activePods().filter((pod) => !isCritical(pod));
    const usedBy = (pod: Pod) =>
      stats
        .filter((one) => one.pod.uid === pod.metadata.uid)
        .reduce((sum, one) => sum + usedBytes(one, resource), 0);
    const [victim] = inOrderOfEviction(pods, resource, usedBy);
    if (victim === undefined) {
      return log.warn("Eviction manager: no pods are active to evict", { resource });
    }
    const message = messageOf(shortage, victim, stats);
    events.event(victim, "Warning", "Evicted", message);
    const end = { reason: "Evicted", message };
    workers.endPod(victim.metadata.uid ?? "", end, GRACE_SECONDS);
  }
}

function messageOf(shortage: Shortage, pod: Pod, stats: ContainerStats[]): string {
  const resource = RESOURCES[shortage.signal];
  const threshold = amount(shortage.thresholdBytes);
  const greedy = pod.spec.containers.flatMap((container) => {
    const figures = stats.find(
      (one) => one.pod.uid === pod.metadata.uid && one.name === container.name,
    );
    const used = figures === undefined ? 0 : usedBytes(figures, resource);
    const asked = podRequests({ containers: [container] })[resource];
    if (BigInt(Math.round(used)) * 1_000_000_000n <= (asked?.nano ?? 0n)) return [];
    const request = asked === undefined ? "0" : formatQuantity(asked);
    return [
      `Container ${container.name} was using ${amount(used)}, request is ${request}, has larger consumption of ${resource}. `,
    ];
  });
  return `The node was low on resource: ${resource}. Threshold quantity: ${threshold}, available: ${amount(shortage.availableBytes)}. ${greedy.join("")}`;
}

function usedBytes(figures: ContainerStats, resource: "memory" | "ephemeral-storage"): number {
  return resource === "memory" ? figures.memoryWorkingSetBytes : (figures.writableLayerBytes ?? 0);
}

/** As Kubernetes tells bytes: whole Ki. */
function amount(bytes: number): string {
  const whole = BigInt(Math.ceil(Math.max(0, bytes) / 1024)) * 1024n;
  return formatQuantity({ nano: whole * 1_000_000_000n, notation: "binary" });
}
