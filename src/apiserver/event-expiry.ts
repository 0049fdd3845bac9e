/**
 * Events are news, and forgotten after an hour: a sweep on the clock deletes those whose time is up,
 * counted from their last change.
 *
 * In Kubernetes: an etcd lease on every event (--event-ttl). Differs: swept, so that every store will do;
 * an event may live a minute longer.
 */
import { Event } from "../api/event.ts";
import { type KubeObject, storageKey } from "../api/kind.ts";
import { type Clock, every } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { Store } from "./storage/store.ts";
import type { WatchCache } from "./storage/watch-cache.ts";

export interface EventExpiryOptions {
  store: Store;
  cache: WatchCache;
  clock: Clock;
  log: Log;
  ttlMs: number;
  signal: AbortSignal;
}

const SWEEP_PERIOD_MS = 60_000;

export function startEventExpiry(options: EventExpiryOptions): void {
  const { clock, signal, log } = options;
  every(clock, SWEEP_PERIOD_MS, signal, () => {
    sweep(options).catch((error: unknown) => {
      if (!signal.aborted) log.error("Failed to forget old events", error);
    });
  });
}

async function sweep({ store, cache, clock, ttlMs, signal }: EventExpiryOptions): Promise<void> {
  const oldestMs = clock.now().getTime() - ttlMs;
  const { items } = cache.resource(storageKey(Event)).list();
  for (const { key, modRevision, object } of items) {
    if (signal.aborted) return;
    // Somebody may have written it anew: then it stays, as the revision tells.
    if (lastChangeMs(object) < oldestMs) await store.delete(key, modRevision);
  }
}

function lastChangeMs(obj: KubeObject): number {
  const { lastTimestamp, eventTime, series, metadata } = obj as Event;
  const times = [lastTimestamp, eventTime, series?.lastObservedTime, metadata.creationTimestamp];
  return Math.max(...times.filter((time) => time != null).map((time) => Date.parse(time)));
}
