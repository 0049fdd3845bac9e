/**
 * The recent events of one resource, so that a watch can begin a little in the past.
 *
 * It holds the last 75 s at least, as long as that is not more than 20,000 events, and never fewer than
 * the last 100.
 *
 * In Kubernetes: apiserver's storage/cacher/watch_cache.go. Differs: not a ring of fixed capacity that
 * doubles and halves, but a list that drops what is both old and beyond the minimum.
 */
import type { CachedEvent } from "./cached-object.ts";

const EVENTS_MIN = 100;
const EVENTS_MAX = 20_000;
const FRESH_MS = 75_000;

/** A watch is to begin before what is remembered. Becomes `410 Gone`. */
export class TooOldError extends Error {
  override readonly name = "TooOldError";

  constructor(requested: number, oldest: number) {
    super(`too old resource version: ${requested} (${oldest})`);
  }
}

interface Entry {
  event: CachedEvent;
  atMs: number;
}

export class EventRing {
  /** Everything after this revision is in the ring. */
  #after: number;
  #entries: Entry[] = [];
  /** Entries before this one have been dropped; they are cut off many at a time. */
  #first = 0;

  constructor(after: number) {
    this.#after = after;
  }

  get length(): number {
    return this.#entries.length - this.#first;
  }

  add(event: CachedEvent, nowMs: number): void {
    this.#entries.push({ event, atMs: nowMs });
    this.trim(nowMs);
  }

  /** The events after `revision`, oldest first. */
  since(revision: number): CachedEvent[] {
    if (revision < this.#after) throw new TooOldError(revision, this.#after);
    let start = this.#entries.length;
    while (start > this.#first && this.#entries[start - 1]!.event.revision > revision) start--;
    return this.#entries.slice(start).map(({ event }) => event);
  }

  /** Drops what need not be remembered any longer. */
  trim(nowMs: number): void {
    while (this.length > EVENTS_MAX || (this.length > EVENTS_MIN && this.#isStale(nowMs))) {
      this.#after = this.#entries[this.#first]!.event.revision;
      this.#first++;
    }
    if (this.#first <= EVENTS_MIN || this.#first < this.length) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }

  #isStale(nowMs: number): boolean {
    return nowMs - this.#entries[this.#first]!.atMs > FRESH_MS;
  }
}
