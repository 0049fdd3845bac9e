/**
 * Removes images that no container uses, the longest unused first, when the disk is fuller than the
 * high threshold, until it is as empty as the low one.
 *
 * In Kubernetes: pkg/kubelet/images/image_gc_manager.go
 */
import type { EventRecorder } from "../../client/events.ts";
import { type Clock, every } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import type { Pleg } from "../pods/pleg.ts";
import type { Image, Runtime } from "../runtime/runtime.ts";
import { nodeReference } from "./status.ts";
import type { NodeUsage } from "./usage.ts";

const PERIOD_MS = 300_000;
/** An image that has just been pulled is about to be used. */
const MIN_AGE_MS = 120_000;

export interface ImageCollectorOptions {
  runtime: Runtime;
  pleg: Pleg;
  events: EventRecorder;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  nodeName: string;
  /** Always kept. */
  sandboxImage: string;
  /** 100 switches it off. */
  highPercent: number;
  lowPercent: number;
  usage(): Promise<NodeUsage>;
}

interface Seen {
  firstSeenMs: number;
  lastUsedMs: number;
}

export class ImageCollector {
  readonly #options: ImageCollectorOptions;
  #seen = new Map<string, Seen>();

  constructor(options: ImageCollectorOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, signal } = this.#options;
    every(clock, PERIOD_MS, signal, () => void this.collect());
  }

  /** Removes as much as the thresholds ask for. */
  async collect(): Promise<void> {
    const { usage, highPercent, lowPercent, events, nodeName, log } = this.#options;
    try {
      const { availableBytes, capacityBytes } = (await usage())["nodefs.available"];
      const wantedBytes = capacityBytes * (1 - lowPercent / 100) - availableBytes;
      const usedPercent = 100 - Math.floor((availableBytes * 100) / capacityBytes);
      await this.#look();
      if (highPercent >= 100 || usedPercent < highPercent) return;
      const freedBytes = await this.free(wantedBytes);
      if (freedBytes >= wantedBytes) return;
      const message =
        "Failed to garbage collect required amount of images. Attempted to free " +
        `${Math.round(wantedBytes)} bytes, but only found ${freedBytes} bytes eligible to free.`;
      events.event(nodeReference(nodeName), "Warning", "FreeDiskSpaceFailed", message);
    } catch (error) {
      log.error("Image garbage collection failed", error);
    }
  }

  /** Removes unused images until so many bytes are free. Resolves to how many were. */
  async free(wantedBytes: number): Promise<number> {
    const { runtime, clock, log } = this.#options;
    const unused = await this.#look();
    let freedBytes = 0;
    for (const image of unused) {
      if (freedBytes >= wantedBytes) break;
      if (clock.monotonicMs() - this.#seen.get(image.id)!.firstSeenMs < MIN_AGE_MS) continue;
      try {
        await runtime.removeImage(image.id);
        freedBytes += image.sizeBytes;
      } catch (error) {
        log.warn("Failed to remove image", { image: image.id, err: (error as Error).message });
      }
    }
    return freedBytes;
  }

  /** Notes what is used now. Resolves to what is not, the longest unused first. */
  async #look(): Promise<Image[]> {
    const { runtime, clock } = this.#options;
    const images = await runtime.listImages();
    const used = this.#used();
    const nowMs = clock.monotonicMs();
    const records = new Map<string, Seen>();
    const unused: Image[] = [];
    for (const image of images) {
      const before = this.#seen.get(image.id) ?? { firstSeenMs: nowMs, lastUsedMs: -1 };
      const isUsed = [image.id, ...image.tags, ...image.digests].some((name) => used.has(name));
      records.set(image.id, isUsed ? { ...before, lastUsedMs: nowMs } : before);
      if (!isUsed) unused.push(image);
    }
    this.#seen = records;
    const lastUsed = ({ id }: Image) => records.get(id)!.lastUsedMs;
    const firstSeen = ({ id }: Image) => records.get(id)!.firstSeenMs;
    return unused.toSorted((a, b) => lastUsed(a) - lastUsed(b) || firstSeen(a) - firstSeen(b));
  }

  /** Every name by which a container there is names its image. */
  #used(): Set<string> {
    const { pleg, sandboxImage } = this.#options;
    const containers = pleg.uids().flatMap((uid) => pleg.get(uid)?.containers ?? []);
    const names = containers.flatMap(({ image, imageId }) => [
      image,
      imageId.replace(/^docker(-pullable)?:\/\//, ""),
    ]);
    return new Set([sandboxImage, ...names]);
  }
}
