/**
 * The control loop's contract: watch, queue the key, compare, act, try again later.
 */
import type { Kind, KubeObject } from "../api/kind.ts";
import type { Clock } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { Random } from "../component/random.ts";
import type { Client } from "./client.ts";
import type { EventRecorder } from "./events.ts";
import type { Informers, Reader } from "./informer.ts";

/** What every component is given when it starts. */
export interface ComponentContext {
  client: Client;
  informers: Informers;
  clock: Clock;
  random: Random;
  log: Log;
  /** Aborts when the component has to stop. */
  signal: AbortSignal;
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
  /** The keys ("namespace/name", or "name") to sync when `obj` has changed from `old`. */
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
