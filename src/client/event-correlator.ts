/**
 * Keeps events few: the same event again raises a count, many alike become one, and an object
 * that causes too many is not listened to for a while.
 *
 *   same event          count + 1, lastTimestamp moved, no new object
 *   more than 10 that differ in their message only, within 10 minutes
 *                       one event: "(combined from similar events): ..."
 *   more than 25 about one object
 *                       one each 5 minutes; the others are dropped
 *
 * In Kubernetes: k8s.io/client-go/tools/record/events_cache.go.
 */
import type { Event } from "../api/event.ts";
import type { Clock } from "../component/clock.ts";

const REMEMBERED = 4_096;
const MOST_ALIKE = 10;
const ALIKE_WITHIN_MS = 600_000;
const BURST = 25;
const REFILL_MS = 300_000;

interface Alike {
  messages: Set<string>;
  lastMs: number;
}

interface Bucket {
  tokens: number;
  filledMs: number;
}

interface Seen {
  name: string;
  count: number;
  firstTimestamp: string | null | undefined;
}

export class EventCorrelator {
  readonly #clock: Clock;
  readonly #buckets = new Recent<Bucket>(REMEMBERED);
  readonly #alike = new Recent<Alike>(REMEMBERED);
  readonly #seen = new Recent<Seen>(REMEMBERED);
  #lastKey = "";

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What to write for `draft`: the event as it is, an older one with a higher count, or nothing. */
  correlate(draft: Event): Event | undefined {
    const { message, key } = this.#combine(draft);
    if (!this.#mayPass(draft)) return undefined;
    const seen = this.#seen.get(key);
    const event: Event = { ...draft, message };
    if (seen !== undefined) {
      event.metadata = { ...draft.metadata, name: seen.name };
      event.count = seen.count + 1;
      event.firstTimestamp = seen.firstTimestamp ?? null;
    }
    this.#remember(key, event);
    this.#lastKey = key;
    return event;
  }

  /** Remembers what the server made of the event correlated last: it may have another name now. */
  written(event: Event): void {
    this.#remember(this.#lastKey, event);
  }

  #remember(key: string, { metadata, count = 1, firstTimestamp }: Event): void {
    this.#seen.set(key, { name: metadata.name, count, firstTimestamp });
  }

  #combine(draft: Event): { message: string; key: string } {
    const group = keyOf([...subjectOf(draft), draft.type, draft.reason]);
    const message = draft.message ?? "";
    const nowMs = this.#clock.now().getTime();
    let alike = this.#alike.get(group);
    if (alike === undefined || nowMs - alike.lastMs > ALIKE_WITHIN_MS) {
      alike = { messages: new Set(), lastMs: nowMs };
    }
    alike.lastMs = nowMs;
    alike.messages.add(message);
    this.#alike.set(group, alike);
    if (alike.messages.size < MOST_ALIKE) {
      return { message, key: keyOf([group, draft.involvedObject.fieldPath, message]) };
    }
    // The oldest makes room, so that the set stays as small as the limit.
    alike.messages.delete(alike.messages.values().next().value!);
    return { message: `(combined from similar events): ${message}`, key: group };
  }

  #mayPass(draft: Event): boolean {
    const key = keyOf(subjectOf(draft));
    const nowMs = this.#clock.now().getTime();
    const bucket = this.#buckets.get(key) ?? { tokens: BURST, filledMs: nowMs };
    const gained = Math.max(nowMs - bucket.filledMs, 0) / REFILL_MS;
    bucket.tokens = Math.min(bucket.tokens + gained, BURST);
    bucket.filledMs = nowMs;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}

/** A Map that forgets what has not been used for longest. */
class Recent<V> {
  readonly #map = new Map<string, V>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): V | undefined {
    return this.#map.get(key);
  }

  set(key: string, value: V): void {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size > this.#most) this.#map.delete(this.#map.keys().next().value!);
  }
}

function subjectOf({ source, involvedObject: of }: Event): (string | undefined)[] {
  return [source?.component, source?.host, of.kind, of.namespace, of.name, of.uid, of.apiVersion];
}

function keyOf(parts: (string | undefined)[]): string {
  return JSON.stringify(parts);
}
