/**
 * The workers of a queue: take a key, sync it, and try again later where that failed.
 *
 * Rule: read your own writes. A key stays busy after its sync until the caches show all that the
 * sync has written, so that no sync ever counts without what the one before it made.
 *
 * Rule: nothing that happens in a sync ends a worker. An API error is told in a line, a conflict
 * hardly at all, a bug with its stack; each is tried again.
 */
import { ApiError, isConflict } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import type { Clock } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { Client } from "./client.ts";
import type { Informer } from "./informer.ts";
import { WorkQueue } from "./work-queue.ts";

/** Asks for the same key again after so long, though nothing changed. */
export interface Again {
  againInMs: number;
}

/** Where the loop tells its measurements; the metrics server gives them Kubernetes' names. */
export interface LoopObserver {
  depth(controller: string, keys: number): void;
  waited(controller: string, waitedMs: number): void;
  synced(controller: string, tookMs: number, outcome: "done" | "retry"): void;
}

export interface WorkersOptions {
  name: string;
  count: number;
  client: Client;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  observer?: LoopObserver;
  /** The cache that has to show a write of this kind; none: it is not waited for. */
  informerOf(kind: Kind): Informer<KubeObject> | undefined;
  /** `client` is to be used for all writes, since the loop waits until it can see them. */
  sync(key: string, client: Client): Promise<Again | void>;
}

/** How long a key waits for its own writes to come back before it is synced all the same. */
const SEEN_LIMIT_MS = 300_000;

export class Workers {
  readonly queue: WorkQueue;
  readonly #options: WorkersOptions;

  constructor(options: WorkersOptions) {
    const { name, clock, observer } = options;
    // A signal of our own: each listener on the component's would count against its limit.
    this.#options = { ...options, signal: AbortSignal.any([options.signal]) };
    this.queue = new WorkQueue({
      clock,
      onDepth: (depth) => observer?.depth(name, depth),
      onWaited: (waitedMs) => observer?.waited(name, waitedMs),
    });
  }

  /** Resolves when the informers have their first lists and the workers are at work. */
  async start(informers: Informer<KubeObject>[]): Promise<void> {
    const { signal, count } = this.#options;
    const stopped = new Promise<void>((resolve) => {
      const stop = () => {
        this.queue.close();
        resolve();
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
    await Promise.race([stopped, Promise.all(informers.map((informer) => informer.synced()))]);
    for (let started = 0; started < count; started++) void this.#work();
  }

  /** One worker. It ends when the queue closes. */
  async #work(): Promise<void> {
    for (;;) {
      const key = await this.queue.take();
      if (key === undefined) return;
      const unseen: Promise<void>[] = [];
      await this.#sync(key, unseen);
      void this.#untilSeen(key, unseen).then(() => this.queue.done(key));
    }
  }

  async #sync(key: string, unseen: Promise<void>[]): Promise<void> {
    const { name, client, clock, observer, sync } = this.#options;
    const startedMs = clock.monotonicMs();
    let outcome: "done" | "retry" = "done";
    try {
      const again = await sync(key, this.#observing(client, unseen));
      this.queue.forget(key);
      if (again) this.queue.addAfter(key, Math.max(again.againInMs, 1));
    } catch (error) {
      this.#report(key, error);
      this.queue.retry(key);
      outcome = "retry";
    }
    observer?.synced(name, clock.monotonicMs() - startedMs, outcome);
  }

  /** A client that notes each write which the caches do not show yet. */
  #observing(client: Client, unseen: Promise<void>[]): Client {
    return client.observing((kind, obj, verb) => {
      const informer = this.#options.informerOf(kind);
      const { namespace, name } = obj.metadata;
      const uid = obj.metadata.uid ?? informer?.get(namespace, name)?.metadata.uid;
      const metadata = uid === undefined ? obj.metadata : { ...obj.metadata, uid };
      const seen = informer?.whenSeen({ verb, obj: { ...obj, metadata } });
      if (seen !== undefined) unseen.push(seen);
    });
  }

  /** Resolves when the caches show all that was written, or it has taken too long. */
  #untilSeen(key: string, unseen: Promise<void>[]): Promise<void> {
    if (unseen.length === 0) return Promise.resolve();
    const { clock, log } = this.#options;
    return new Promise((resolve) => {
      const limit = clock.setTimeout(() => {
        log.warn("The cache does not show what was written", { key });
        resolve();
      }, SEEN_LIMIT_MS);
      void Promise.all(unseen).then(() => {
        limit.cancel();
        resolve();
      });
    });
  }

  #report(key: string, error: unknown): void {
    const { log, signal } = this.#options;
    if (signal.aborted) return;
    if (isConflict(error)) log.info("Conflict, will try again", { key }, 2);
    else if (error instanceof ApiError) log.warn(`Error syncing: ${error.message}`, { key });
    else log.error("Error syncing", error, { key });
  }
}
