/**
 * An informer: a cache of one kind, kept current by one watch.
 *
 * It lists, then watches from the list's resourceVersion. A watch that ends is resumed from the
 * last version seen; one that can't be (410) is replaced by a new list, and the difference told to
 * the handlers. Whatever fails is tried again, more and more slowly, until the signal aborts.
 *
 * Rule: handlers run in the order of the changes, one change at a time, after the cache shows it.
 *
 * In Kubernetes: k8s.io/client-go/tools/cache (reflector.go, shared_informer.go). Differs: an
 * object deleted and made again under the same name is told as a deletion and an addition.
 */
import type { Kind, KubeObject } from "../api/kind.ts";
import type { Log } from "../component/log.ts";
import type { Selection } from "./client.ts";
import { type IndexValues, keyOf, ObjectCache } from "./object-cache.ts";
import { Reflector, type ReflectorContext } from "./reflector.ts";

/** Read access to a cache. What it gives out must not be changed: others read it too. */
export interface Reader<T extends KubeObject> {
  /** `namespace` is "" or undefined for kinds without one. */
  get(namespace: string | undefined, name: string): T | undefined;
  /** All, or those of one namespace. */
  list(namespace?: string): T[];
  /**
   * Those that `index` files under `value`. Built in: "owner" (controller's uid), "orphans" (those
   * without a controller, by namespace), "node" (spec.nodeName).
   */
  by(index: string, value: string): T[];
}

export type ChangeHandler<T extends KubeObject> = (obj: T | undefined, old: T | undefined) => void;

export interface Informer<T extends KubeObject> extends Reader<T> {
  readonly kind: Kind<T>;
  /** Told of every change from now on, after a first call for each object there is. */
  onChange(handler: ChangeHandler<T>): void;
  /** Resolves when the first list is in the cache. */
  synced(): Promise<void>;
  readonly hasSynced: boolean;
  /** Files objects under further values, for `by`. The same name again changes nothing. */
  addIndex(name: string, valuesOf: IndexValues<T>): void;
  /** Resolves when the cache shows this write or something newer; undefined when it does already. */
  whenSeen(written: Write): Promise<void> | undefined;
}

/** Something that was written: an object as the server answered it, or one that was deleted. */
export interface Write {
  verb: "saved" | "deleted";
  obj: KubeObject;
}

/** One informer per kind and selection, shared by all who ask. */
export interface Informers {
  of<T extends KubeObject>(kind: Kind<T>, selection?: Selection): Informer<T>;
  /** Those that run. */
  all(): Informer<KubeObject>[];
  /** Ends the informers of a kind that is served no longer. */
  forget(kind: Kind): void;
}

export function createInformers(context: ReflectorContext): Informers {
  const running = new Map<
    string,
    { informer: CachingInformer<KubeObject>; stop: AbortController }
  >();
  const prefixOf = (kind: Kind) => `${kind.group}/${kind.version}/${kind.plural}?`;

  function of<T extends KubeObject>(kind: Kind<T>, selection: Selection = {}): Informer<T> {
    const { namespace = "", labelSelector = "", fieldSelector = "" } = selection;
    const id = prefixOf(kind) + [namespace, labelSelector, fieldSelector].join("&");
    let entry = running.get(id);
    if (entry === undefined) {
      const stop = new AbortController();
      const signal = AbortSignal.any([context.signal, stop.signal]);
      const informer = new CachingInformer(kind as Kind, selection, { ...context, signal });
      entry = { informer, stop };
      running.set(id, entry);
    }
    return entry.informer as unknown as Informer<T>;
  }

  function forget(kind: Kind): void {
    for (const [id, { stop }] of running) {
      if (!id.startsWith(prefixOf(kind))) continue;
      running.delete(id);
      stop.abort();
    }
  }

  return { of, forget, all: () => [...running.values()].map(({ informer }) => informer) };
}

class CachingInformer<T extends KubeObject> implements Informer<T> {
  readonly kind: Kind<T>;
  hasSynced = false;
  readonly #cache = new ObjectCache<T>();
  readonly #handlers: ChangeHandler<T>[] = [];
  readonly #log: Log;
  readonly #synced: Promise<void>;
  #markSynced!: () => void;
  /** Those waiting for a version of an object, by its key. */
  readonly #waiting = new Map<string, { written: Write; resolve: () => void }[]>();
  /** Every change of this kind up to this resourceVersion is in the cache. */
  #revision = 0;

  constructor(kind: Kind<T>, selection: Selection, context: ReflectorContext) {
    this.kind = kind;
    this.#log = context.log;
    this.#synced = new Promise((resolve) => (this.#markSynced = resolve));
    const reflector = new Reflector<T>(kind, selection, context, {
      replaced: (items, revision) => this.#replace(items, revision),
      changed: (type, obj) => this.#change(type, obj),
      progressed: (revision) => this.#progress(revision),
    });
    void reflector.run();
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#cache.get(keyOf({ name, ...(namespace ? { namespace } : {}) }));
  }

  list(namespace?: string): T[] {
    return this.#cache.list(namespace);
  }

  by(index: string, value: string): T[] {
    return this.#cache.by(index, value);
  }

  addIndex(name: string, valuesOf: IndexValues<T>): void {
    this.#cache.addIndex(name, valuesOf);
  }

  onChange(handler: ChangeHandler<T>): void {
    this.#handlers.push(handler);
    for (const obj of this.#cache.list()) this.#tell(handler, obj, undefined);
  }

  synced(): Promise<void> {
    return this.#synced;
  }

  whenSeen(written: Write): Promise<void> | undefined {
    if (this.#hasSeen(written)) return undefined;
    const key = keyOf(written.obj.metadata);
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.set(key, waiting);
    return new Promise((resolve) => waiting.push({ written, resolve }));
  }

  #hasSeen({ verb, obj }: Write): boolean {
    const cached = this.#cache.get(keyOf(obj.metadata));
    if (verb === "saved") {
      return !(revisionOf(obj) > Math.max(this.#revision, cached ? revisionOf(cached) : 0));
    }
    return (
      cached === undefined ||
      cached.metadata.uid !== obj.metadata.uid ||
      cached.metadata.deletionTimestamp !== undefined
    );
  }

  #replace(items: T[], revision: number): void {
    const gone = new Set(this.#cache.keys());
    for (const obj of items) {
      gone.delete(keyOf(obj.metadata));
      this.#put(obj);
    }
    for (const key of gone) this.#remove(key);
    this.#progress(revision);
    this.hasSynced = true;
    this.#markSynced();
  }

  #change(type: "ADDED" | "MODIFIED" | "DELETED", obj: T): void {
    this.#revision = Math.max(this.#revision, revisionOf(obj));
    if (type === "DELETED") this.#remove(keyOf(obj.metadata));
    else this.#put(obj);
    this.#wake(keyOf(obj.metadata));
  }

  #progress(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
    for (const key of [...this.#waiting.keys()]) this.#wake(key);
  }

  #put(obj: T): void {
    const key = keyOf(obj.metadata);
    const old = this.#cache.get(key);
    if (old !== undefined && old.metadata.resourceVersion === obj.metadata.resourceVersion) return;
    if (old !== undefined && old.metadata.uid !== obj.metadata.uid) this.#remove(key);
    this.#tellAll(obj, this.#cache.put(key, obj));
  }

  #remove(key: string): void {
    const old = this.#cache.remove(key);
    if (old !== undefined) this.#tellAll(undefined, old);
  }

  #wake(key: string): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    const still = waiting.filter(({ written }) => !this.#hasSeen(written));
    if (still.length === 0) this.#waiting.delete(key);
    else this.#waiting.set(key, still);
    for (const waiter of waiting) if (!still.includes(waiter)) waiter.resolve();
  }

  #tellAll(obj: T | undefined, old: T | undefined): void {
    for (const handler of this.#handlers) this.#tell(handler, obj, old);
  }

  /** A handler that throws is a bug of its own, and must not keep the others from hearing. */
  #tell(handler: ChangeHandler<T>, obj: T | undefined, old: T | undefined): void {
    try {
      handler(obj, old);
    } catch (error) {
      this.#log.error("A change handler failed", error, { kind: this.kind.kind });
    }
  }
}

function revisionOf(obj: KubeObject): number {
  return Number(obj.metadata.resourceVersion ?? 0);
}
