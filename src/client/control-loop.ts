/**
 * The control loop, written once: watch, queue the key, compare, act, try again later.
 *
 * A controller says which kind it looks after, which kinds it makes, and how to bring one object
 * closer to its spec. Everything else is here.
 *
 * Rule: `sync` reads from caches and writes through the API server, and its next run for the same
 * key sees what the last one wrote (workers.ts).
 *
 * In Kubernetes: every controller's own Run, worker and handlers (pkg/controller/...). Differs:
 * written once; read-your-writes takes the place of "expectations" (pkg/controller/controller_utils.go).
 */
import type { Kind, KubeObject } from "../api/kind.ts";
import { controllerOf } from "../api/owner.ts";
import type { Clock } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { Random } from "../component/random.ts";
import type { Client } from "./client.ts";
import { createEventRecorder, type EventRecorder, type RunningEventRecorder } from "./events.ts";
import type { Informer, Informers, Reader } from "./informer.ts";
import { keyOf, splitKey } from "./object-cache.ts";
import type { WorkQueue } from "./work-queue.ts";
import { type Again, type LoopObserver, Workers } from "./workers.ts";

export type { Again, LoopObserver };

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

const WORKERS = 5;

/** A controller at work. Its queue can be paused and stepped. */
export interface RunningController {
  readonly name: string;
  readonly queue: WorkQueue;
  /** True when nothing waits, nothing is in work, and every event is written. */
  readonly idle: boolean;
}

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
  readonly #controller: Controller<T>;
  readonly #informers = new Map<Kind, Informer<KubeObject>>();
  readonly #syncContext: SyncContext;
  readonly #events: RunningEventRecorder;
  readonly #workers: Workers;

  constructor(controller: Controller<T>, context: ComponentContext) {
    const { client, informers, clock, random, signal } = context;
    const log = context.log.named(controller.name);
    this.name = controller.name;
    this.#controller = controller;
    for (const kind of kindsOf(controller)) this.#informers.set(kind, informers.of(kind));
    this.#events = createEventRecorder({ ...context, log, component: controller.name });
    const cached = <O extends KubeObject>(kind: Kind<O>) => this.#cached(kind);
    this.#syncContext = { client, cached, events: this.#events, clock, random, log, signal };
    this.#workers = new Workers({
      ...context,
      log,
      name: controller.name,
      count: controller.workers ?? WORKERS,
      informerOf: (kind) => this.#informers.get(kind),
      sync: (key, observing) => this.#sync(key, observing),
    });
  }

  get queue(): WorkQueue {
    return this.#workers.queue;
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

  start(): Promise<void> {
    return this.#workers.start([...this.#informers.values()]);
  }

  #sync(key: string, client: Client): Promise<Again | void> {
    const { namespace, name } = splitKey(key);
    const obj = this.#cached(this.#controller.watches).get(namespace, name);
    return this.#controller.sync(obj, key, { ...this.#syncContext, client });
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
