/**
 * The watch cache: everything the store holds under some prefixes, in memory, fed by one watch.
 *
 * The one watch is on the whole keyspace, so every revision shows up in it and the cache always knows up
 * to which revision it is complete (docs/decisions/0002-one-watch.md). A consistent read therefore asks
 * the store for its revision, a few bytes, waits until the cache is there, and reads the cache.
 *
 * In Kubernetes: apiserver's storage/cacher. Differs: one watch for all resources, not one for each.
 */
import { type Clock, every, sleep } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import type { CachedObject } from "./cached-object.ts";
import { ResourceCache } from "./resource-cache.ts";
import { RevisionWaiters } from "./revision-waiters.ts";
import { SharedCall } from "./shared-call.ts";
import type { ListResult, Store, StoreEvent, StoreWatch } from "./store.ts";

const WHOLE_KEYSPACE = "";
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
const TRIM_PERIOD_MS = 30_000;

export interface WatchCacheOptions {
  clock: Clock;
  log: Log;
}

export class WatchCache {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #lifetime = new AbortController();
  readonly #resources = new Map<string, ResourceCache>();
  readonly #waiters: RevisionWaiters;
  readonly #storeRevision: SharedCall<number>;
  #watch: StoreWatch | undefined;

  /** Resolves when every prefix ("/registry/pods/") has been listed. */
  static async start(store: Store, prefixes: readonly string[], options: WatchCacheOptions) {
    const cache = new WatchCache(store, options);
    for (const prefix of prefixes) cache.#add(prefix);
    await cache.#fill();
    every(options.clock, TRIM_PERIOD_MS, cache.#lifetime.signal, () => {
      for (const resource of cache.#resources.values()) resource.trim();
    });
    return cache;
  }

  private constructor(store: Store, { clock, log }: WatchCacheOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#waiters = new RevisionWaiters(clock);
    this.#storeRevision = new SharedCall(() => store.revision());
  }

  /** Everything up to it has been seen. */
  get revision(): number {
    return this.#waiters.revision;
  }

  get isStopped(): boolean {
    return this.#lifetime.signal.aborted;
  }

  holds(prefix: string): boolean {
    return this.#resources.get(prefix)?.isFilled ?? false;
  }

  resource(prefix: string): ResourceCache {
    const resource = this.#resources.get(prefix);
    if (!resource?.isFilled) throw new Error(`the watch cache does not hold ${prefix}`);
    return resource;
  }

  /** An object by its key; undefined also where the cache does not hold its resource. */
  find(key: string): CachedObject | undefined {
    return this.#resourceOf(key)?.get(key);
  }

  /** Takes in one more prefix. It is listed after its changes are listened to, so none is lost. */
  async addResource(prefix: string): Promise<ResourceCache> {
    const resource = this.#resources.get(prefix) ?? this.#add(prefix);
    if (resource.isFilled) return resource;
    try {
      const { items, revision } = await this.#store.list(prefix);
      if (!resource.isFilled) resource.replace(items, revision);
      await this.waitFor(revision, this.#lifetime.signal);
    } catch (error) {
      if (!resource.isFilled) this.#resources.delete(prefix);
      throw error;
    }
    return resource;
  }

  /** Forgets a prefix and ends its watches. */
  removeResource(prefix: string): void {
    this.#resources.get(prefix)?.fail(new Error(`${prefix} is no longer served`));
    this.#resources.delete(prefix);
  }

  /** Resolves when the cache has seen `revision`; after 3 s without it rejects with a TooLargeRevisionError. */
  waitFor(revision: number, signal?: AbortSignal): Promise<void> {
    return this.#waiters.waitFor(revision, signal);
  }

  /** Resolves when the cache shows at least what the store shows now. Returns that revision. */
  async fresh(signal?: AbortSignal): Promise<number> {
    const revision = await this.#storeRevision.call();
    await this.waitFor(revision, signal);
    return revision;
  }

  stop(): void {
    this.#lifetime.abort(new Error("the watch cache has been stopped"));
    this.#watch?.stop();
    for (const resource of this.#resources.values()) resource.fail(new Error("shutting down"));
  }

  #add(prefix: string): ResourceCache {
    const resource = new ResourceCache(prefix, this.#clock, this.#log);
    this.#resources.set(prefix, resource);
    return resource;
  }

  /** Lists every resource as it was at one revision, and watches from there. */
  async #fill(): Promise<void> {
    const revision = await this.#store.revision();
    const prefixes = [...this.#resources.keys()];
    const lists = await Promise.all(
      prefixes.map((prefix) => this.#store.list(prefix, { revision })),
    );
    if (this.#lifetime.signal.aborted) return;
    for (const [i, prefix] of prefixes.entries()) this.#replace(prefix, lists[i]!);
    this.#watch = this.#store.watch(WHOLE_KEYSPACE, revision + 1, {
      onEvents: (events, newest) => this.#onEvents(events, newest),
      onError: (error) => void this.#refill(error),
    });
    this.#waiters.reach(revision);
  }

  #replace(prefix: string, { items, revision }: ListResult): void {
    this.#resources.get(prefix)?.replace(items, revision);
  }

  /** The watch has lost its place: everything is listed anew, and those who watch have to as well. */
  async #refill(cause: Error): Promise<void> {
    const { signal } = this.#lifetime;
    this.#watch?.stop();
    this.#log.warn("Filling the watch cache anew", { cause: cause.message });
    for (
      let retryMs = FIRST_RETRY_MS;
      !signal.aborted;
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
    ) {
      try {
        return await this.#fill();
      } catch (error) {
        this.#log.warn("Failed to fill the watch cache", { err: (error as Error).message });
        await sleep(this.#clock, retryMs, signal).catch(ignoreAbort(signal));
      }
    }
  }

  #onEvents(events: readonly StoreEvent[], revision: number): void {
    const changes = new Map<ResourceCache, StoreEvent[]>();
    for (const event of events) {
      const resource = this.#resourceOf(event.key);
      if (resource === undefined) continue;
      const others = changes.get(resource);
      if (others) others.push(event);
      else changes.set(resource, [event]);
    }
    for (const resource of this.#resources.values()) {
      resource.apply(changes.get(resource) ?? NONE, revision);
    }
    this.#waiters.reach(revision);
  }

  /** "/registry/services/specs/default/web" is under "/registry/services/specs/". */
  #resourceOf(key: string): ResourceCache | undefined {
    for (let slash = key.indexOf("/", 1); slash !== -1; slash = key.indexOf("/", slash + 1)) {
      const resource = this.#resources.get(key.slice(0, slash + 1));
      if (resource) return resource;
    }
    return undefined;
  }
}

const NONE: readonly StoreEvent[] = [];

/** Being stopped while it waits is how this ends, not an error. */
function ignoreAbort(signal: AbortSignal) {
  return (error: unknown) => {
    if (!signal.aborted) throw error;
  };
}
