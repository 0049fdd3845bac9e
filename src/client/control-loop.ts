/**
 * The control loop, written once: watch, queue the key, compare, act, try again later.
 *
 * A controller says which kind it looks after, which kinds it makes, and how to bring one object
 * closer to its spec. Everything else is here.
 *
 * Rule: read your own writes. A key stays busy after its sync until the caches show all that the
 * sync has written, so that no sync ever counts without what the one before it made.
 *
 * In Kubernetes: every controller's own Run, worker and handlers (pkg/controller/...). Differs:
 * written once; read-your-writes takes the place of "expectations" (pkg/controller/controller_utils.go).
 */
import { ApiError, isConflict } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { controllerOf } from "../api/owner.ts";
import type { Clock } from "../component/clock.ts";
import { sleep } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { Random } from "../component/random.ts";
import type { Client } from "./client.ts";
import { createEventRecorder, type EventRecorder, type RunningEventRecorder } from "./events.ts";
import type { Informer, Informers, Reader } from "./informer.ts";
import { keyOf, splitKey } from "./object-cache.ts";
import { WorkQueue } from "./work-queue.ts";

/** What every component is given when it starts. */
export interface ComponentContext {
  client: Client;
  informers: Informers;
  clock: Clock;
  random: Random;
  log: Log;
  /** Aborts when the component has to stop. */
  signal: AbortSignal;
  /** Told how the loops are doing, for /metrics. */
  observer?: LoopObserver;
}

/** What `sync` may use besides the object it is about. */
export interface SyncContext {
  client: Client;
  /** The informer cache of a kind this controller watches, owns or follows. Read-only, may be a moment old. */
  cached<T extends KubeObject>(kind: Kind<T>): Reader<T>;
  events: EventRecorder;
  clock: Clock;
  random: Random;
  log: Log;
  signal: AbortSignal;
}

/** Asks for the same key again after so long, though nothing changed. */
export interface Again {
  againInMs: number;
}

/** A kind whose changes concern objects of the watched kind in some way other than ownership. */
export interface Follow<O extends KubeObject = KubeObject> {
  kind: Kind<O>;
  /**
   * The keys ("namespace/name", or "name") to sync when `obj` has changed from `old`; for an object
   * that is new or gone there is no `old`. Name the keys both concern: `obj` may have moved away.
   */
  keysOf(obj: O, old: O | undefined, context: SyncContext): string[];
}

export interface Controller<T extends KubeObject> {
  /** "replication-controller": in logs, metrics and events. */
  name: string;
  /** The kind whose spec this controller carries out. */
  watches: Kind<T>;
  /** Kinds it creates; a change to one of these wakes its controlling owner. */
  owns?: Kind[];
  follows?: Follow[];
  /** Kinds it reads from the cache without being woken by them. */
  reads?: Kind[];
  /** How many keys may be in work at once. Default 5. */
  workers?: number;
  /**
   * Brings the cluster one step closer to what `obj` asks for. Safe to call at any time, and told
   * *which* object to look at, never *what* happened to it. `obj` is undefined once it is gone.
   */
  sync(obj: T | undefined, key: string, context: SyncContext): Promise<Again | void>;
}

/** Where the loop tells its measurements; the metrics server gives them Kubernetes' names. */
export interface LoopObserver {
  depth(controller: string, keys: number): void;
  waited(controller: string, waitedMs: number): void;
  synced(controller: string, tookMs: number, outcome: "done" | "retry"): void;
}

/** A controller at work. Its queue can be paused and stepped. */
export interface RunningController {
  readonly name: string;
  readonly queue: WorkQueue;
  /** True when nothing waits, nothing is in work, and every event is written. */
  readonly idle: boolean;
}

/** How long a key waits for its own writes to come back before it is synced all the same. */
const SEEN_LIMIT_MS = 300_000;
const WORKERS = 5;

/** Runs a controller until the signal aborts. Resolves when its caches are filled and it is at work. */
export async function runController<T extends KubeObject>(
  controller: Controller<T>,
  context: ComponentContext,
): Promise<RunningController> {
  const loop = new ControlLoop(controller, context);
  loop.listen();
  await loop.start();
  return loop;
}

class ControlLoop<T extends KubeObject> implements RunningController {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly #controller: Controller<T>;
  readonly #context: ComponentContext;
  readonly #informers = new Map<Kind, Informer<KubeObject>>();
  readonly #syncContext: SyncContext;
  readonly #events: RunningEventRecorder;

  constructor(controller: Controller<T>, context: ComponentContext) {
    const { client, informers, clock, random, signal, observer } = context;
    const log = context.log.named(controller.name);
    this.name = controller.name;
    this.#controller = controller;
    this.#context = context;
    this.queue = new WorkQueue({
      clock,
      onDepth: (depth) => observer?.depth(this.name, depth),
      onWaited: (waitedMs) => observer?.waited(this.name, waitedMs),
    });
    for (const kind of kindsOf(controller)) this.#informers.set(kind, informers.of(kind));
    this.#events = createEventRecorder({ ...context, log, component: controller.name });
    const events = this.#events;
    const cached = <O extends KubeObject>(kind: Kind<O>) => this.#cached(kind);
    this.#syncContext = { client, cached, events, clock, random, log, signal };
  }

  get idle(): boolean {
    return this.queue.idle && this.#events.idle;
  }

  /** Turns every change of the kinds concerned into keys of the watched kind. */
  listen(): void {
    const { watches, owns = [], follows = [] } = this.#controller;
    this.#onChange(watches, (obj) => [keyOf(obj.metadata)]);
    for (const kind of owns) {
      this.#onChange(kind, (obj, old) => [
        ...this.#ownerKeys(obj),
        ...(old ? this.#ownerKeys(old) : []),
      ]);
    }
    for (const { kind, keysOf } of follows) {
      this.#onChange(kind, (obj, old) => keysOf(obj, old, this.#syncContext));
    }
  }

  async start(): Promise<void> {
    const { signal } = this.#context;
    const stopped = new Promise<void>((resolve) => {
      const stop = () => {
        this.queue.close();
        resolve();
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
    await Promise.race([stopped, Promise.all(this.#allInformers().map((one) => one.synced()))]);
    for (let count = this.#controller.workers ?? WORKERS; count > 0; count--) void this.#work();
  }

  #allInformers(): Informer<KubeObject>[] {
    return [...this.#informers.values()];
  }

  #cached<O extends KubeObject>(kind: Kind<O>): Informer<O> {
    const informer = this.#informers.get(kind as unknown as Kind);
    if (informer === undefined)
      throw new Error(`${this.name} did not say that it reads ${kind.kind}`);
    return informer as unknown as Informer<O>;
  }

  #onChange<O extends KubeObject>(
    kind: Kind<O>,
    keysOf: (obj: O, old: O | undefined) => string[],
  ): void {
    this.#cached(kind).onChange((obj, old) => {
      const keys = obj === undefined ? keysOf(old!, undefined) : keysOf(obj, old);
      for (const key of keys) this.queue.add(key);
    });
  }

  #ownerKeys(obj: KubeObject): string[] {
    const { watches } = this.#controller;
    const owner = controllerOf(obj);
    if (owner?.kind !== watches.kind || groupOf(owner.apiVersion) !== watches.group) return [];
    const { namespace = "" } = watches.namespaced ? obj.metadata : {};
    return [keyOf({ namespace, name: owner.name })];
  }

  /** One worker. It ends when the queue closes, and nothing that happens in a sync can end it. */
  async #work(): Promise<void> {
    for (;;) {
      const key = await this.queue.take();
      if (key === undefined) return;
      const written: Promise<void>[] = [];
      await this.#sync(key, written);
      void this.#untilSeen(key, written).then(() => this.queue.done(key));
    }
  }

  async #sync(key: string, written: Promise<void>[]): Promise<void> {
    const { client, clock, observer } = this.#context;
    const startedMs = clock.monotonicMs();
    const tell = (outcome: "done" | "retry") =>
      observer?.synced(this.name, clock.monotonicMs() - startedMs, outcome);
    const observing = client.observing((kind, obj, verb) =>
      this.#noteWrite(kind, obj, verb, written),
    );
    const { namespace, name } = splitKey(key);
    try {
      const obj = this.#cached(this.#controller.watches).get(namespace, name);
      const again = await this.#controller.sync(obj, key, {
        ...this.#syncContext,
        client: observing,
      });
      this.queue.forget(key);
      if (again) this.queue.addAfter(key, Math.max(again.againInMs, 1));
      tell("done");
    } catch (error) {
      this.#report(key, error);
      this.queue.retry(key);
      tell("retry");
    }
  }

  #noteWrite(
    kind: Kind,
    obj: KubeObject,
    verb: "saved" | "deleted",
    written: Promise<void>[],
  ): void {
    const informer = this.#informers.get(kind);
    if (informer === undefined) return;
    const { namespace, name } = obj.metadata;
    const uid = obj.metadata.uid ?? informer.get(namespace, name)?.metadata.uid;
    const metadata = uid === undefined ? obj.metadata : { ...obj.metadata, uid };
    const seen = informer.whenSeen({ verb, obj: { ...obj, metadata } });
    if (seen !== undefined) written.push(seen);
  }

  async #untilSeen(key: string, written: Promise<void>[]): Promise<void> {
    if (written.length === 0) return;
    const { clock, signal } = this.#context;
    const enough = new AbortController();
    const limit = sleep(clock, SEEN_LIMIT_MS, AbortSignal.any([signal, enough.signal])).then(
      () => this.#syncContext.log.warn("The cache does not show what was written", { key }),
      () => undefined,
    );
    await Promise.race([Promise.all(written), limit]);
    enough.abort();
  }

  /** What a client can meet any day is told in a line, a conflict hardly at all, a bug with its stack. */
  #report(key: string, error: unknown): void {
    const { log, signal } = this.#syncContext;
    if (signal.aborted) return;
    if (isConflict(error)) log.info("Conflict, will try again", { key }, 2);
    else if (error instanceof ApiError) log.warn(`Error syncing: ${error.message}`, { key });
    else log.error("Error syncing", error, { key });
  }
}

function kindsOf<T extends KubeObject>(controller: Controller<T>): Set<Kind> {
  const { watches, owns = [], follows = [], reads = [] } = controller;
  return new Set([
    watches as unknown as Kind,
    ...owns,
    ...follows.map(({ kind }) => kind),
    ...reads,
  ]);
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.split("/")[0]! : "";
}
