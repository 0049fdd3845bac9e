/**
 * All objects of one resource and its recent changes, as one key prefix of the store holds them.
 *
 * What a caller reads in one turn belongs to one revision: the content changes only between turns, by
 * whole batches, and `revision` with it.
 *
 * In Kubernetes: apiserver's storage/cacher/cacher.go and watch_cache.go.
 */
import type { Clock } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import { CachedEvent, CachedObject } from "./cached-object.ts";
import { EventRing } from "./event-ring.ts";
import { SortedMap } from "./sorted-map.ts";
import type { KeyValue, StoreEvent, StoreWatch } from "./store.ts";

export interface CacheListener {
  /** Changes in order of revision; the very same objects for every listener. */
  onEvents(events: readonly CachedEvent[]): void;
  /** Called once when the watch cannot go on; the client has to list again (410). */
  onError(error: Error): void;
}

interface Listening {
  listener: CacheListener;
  fromRevision: number;
  /** It has been given its past; the present follows. */
  isStarted: boolean;
}

export class ResourceCache {
  readonly prefix: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #objects = new SortedMap<CachedObject>();
  readonly #listening = new Set<Listening>();
  #ring = new EventRing(0);
  #revision = 0;
  /** What arrived before the first list did. */
  #early: StoreEvent[] | undefined = [];

  constructor(prefix: string, clock: Clock, log: Log) {
    this.prefix = prefix;
    this.#clock = clock;
    this.#log = log;
  }

  /** Every change of this resource up to here is in the content. */
  get revision(): number {
    return this.#revision;
  }

  /** It has been listed; before that it knows nothing. */
  get isFilled(): boolean {
    return this.#early === undefined;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): CachedObject | undefined {
    return this.#objects.get(key);
  }

  /** The objects whose keys begin with `prefix`, in order of key. */
  list(prefix = this.prefix): { items: CachedObject[]; revision: number } {
    return { items: this.#objects.values(prefix), revision: this.#revision };
  }

  /**
   * Delivers every change after `fromRevision`, the first ones not before the next turn. Throws a
   * TooOldError when the changes since then are no longer all remembered.
   */
  watch(fromRevision: number, listener: CacheListener): StoreWatch {
    this.#ring.since(fromRevision);
    const listening: Listening = { listener, fromRevision, isStarted: false };
    this.#listening.add(listening);
    queueMicrotask(() => this.#start(listening));
    return { stop: () => void this.#listening.delete(listening) };
  }

  /** Takes a list as the content. Who was listening may have missed something, and is told so. */
  replace(items: KeyValue[], revision: number): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    if (revision <= this.#revision) return;
    this.fail(new Error("the cache has been filled anew"));
    this.#objects.clear();
    this.#ring = new EventRing(revision);
    this.#revision = revision;
    for (const item of items) {
      const object = this.#objectOf(item);
      if (object) this.#objects.set(item.key, object);
    }
    if (early.length > 0) this.apply(early, early.at(-1)!.modRevision);
  }

  /** Takes over the changes of one batch; everything up to `revision` is then in. */
  apply(events: readonly StoreEvent[], revision: number): void {
    if (this.#early) return void this.#early.push(...events);
    // A list may have been ahead of the watch that feeds the cache.
    if (revision <= this.#revision) return;
    const news: CachedEvent[] = [];
    for (const event of events) {
      const change = event.modRevision > this.#revision ? this.#change(event) : undefined;
      if (change) news.push(change);
    }
    this.#revision = revision;
    if (news.length > 0) this.#tellAll(news);
  }

  /** Ends every watch. */
  fail(error: Error): void {
    for (const listening of this.#listening) this.#end(listening, error);
  }

  /** Gives back the memory of events nobody can want any more. */
  trim(): void {
    this.#ring.trim(this.#clock.monotonicMs());
  }

  #change(event: StoreEvent): CachedEvent | undefined {
    const previous = this.#objects.get(event.key);
    if (event.type === "delete" && previous === undefined) return undefined;
    const change = this.#decode(event.key, () => new CachedEvent(event, previous));
    if (change === undefined) return undefined;
    if (event.type === "delete") this.#objects.delete(event.key);
    else this.#objects.set(event.key, change.current);
    this.#ring.add(change, this.#clock.monotonicMs());
    return change;
  }

  #objectOf({
    key,
    createRevision,
    modRevision,
    value,
    fault,
  }: KeyValue): CachedObject | undefined {
    return this.#decode(
      key,
      () => new CachedObject(key, createRevision, modRevision, value, fault),
    );
  }

  /** A value that is not JSON was not written by an API server of this kind: it is left out, and told. */
  #decode<T>(key: string, decode: () => T): T | undefined {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#log.error("Left out an object that cannot be decoded", error.message, { key });
      return undefined;
    }
  }

  #start(listening: Listening): void {
    if (!this.#listening.has(listening)) return;
    listening.isStarted = true;
    this.#guarded(listening, () => {
      const past = this.#ring.since(listening.fromRevision);
      if (past.length > 0) listening.listener.onEvents(past);
    });
  }

  #tellAll(events: CachedEvent[]): void {
    for (const listening of this.#listening) {
      if (!listening.isStarted) continue;
      const { fromRevision } = listening;
      const isAllNew = events[0]!.revision > fromRevision;
      const news = isAllNew ? events : events.filter(({ revision }) => revision > fromRevision);
      if (news.length > 0) this.#guarded(listening, () => listening.listener.onEvents(news));
    }
  }

  /** A listener that throws loses its watch, nobody else's. */
  #guarded(listening: Listening, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#log.error("A watch failed", error, { prefix: this.prefix });
      this.#end(listening, error as Error);
    }
  }

  #end(listening: Listening, error: Error): void {
    this.#listening.delete(listening);
    listening.listener.onError(error);
  }
}
