/**
 * The objects an informer knows, by name and by index.
 *
 * Rule: what is handed out is shared by all readers and must not be changed. An index files an
 * object under any number of values; looking up one value costs as much as its answer is long.
 *
 * In Kubernetes: k8s.io/client-go/tools/cache/thread_safe_store.go.
 */
import type { KubeObject } from "../api/kind.ts";
import { controllerOf } from "../api/owner.ts";

/** The values under which an index files `obj`. */
export type IndexValues<T extends KubeObject> = (obj: T) => readonly string[];

interface Index<T extends KubeObject> {
  valuesOf: IndexValues<T>;
  byValue: Map<string, Map<string, T>>;
}

export class ObjectCache<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();

  constructor() {
    this.addIndex("namespace", (obj) => listOf(obj.metadata.namespace));
    this.addIndex("owner", (obj) => listOf(controllerOf(obj)?.uid));
    this.addIndex("orphans", (obj) => (controllerOf(obj) ? [] : [obj.metadata.namespace ?? ""]));
    this.addIndex("node", (obj) =>
      listOf((obj.spec as { nodeName?: string } | undefined)?.nodeName),
    );
  }

  get size(): number {
    return this.#objects.size;
  }

  keys(): Iterable<string> {
    return this.#objects.keys();
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): T[] {
    return namespace ? this.by("namespace", namespace) : [...this.#objects.values()];
  }

  by(index: string, value: string): T[] {
    const { byValue } = this.#indexNamed(index);
    return [...(byValue.get(value)?.values() ?? [])];
  }

  /** Files all there is, and all there will be, under one more index. The same name again is kept. */
  addIndex(name: string, valuesOf: IndexValues<T>): void {
    if (this.#indexes.has(name)) return;
    const index: Index<T> = { valuesOf, byValue: new Map() };
    this.#indexes.set(name, index);
    for (const [key, obj] of this.#objects) file(index, key, obj);
  }

  /** Puts `obj` in the place of what was there, and returns that. */
  put(key: string, obj: T): T | undefined {
    const old = this.remove(key);
    this.#objects.set(key, obj);
    for (const index of this.#indexes.values()) file(index, key, obj);
    return old;
  }

  remove(key: string): T | undefined {
    const old = this.#objects.get(key);
    if (old === undefined) return undefined;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) unfile(index, key, old);
    return old;
  }

  #indexNamed(name: string): Index<T> {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`there is no index named ${JSON.stringify(name)}`);
    return index;
  }
}

/** "namespace/name", or "name" for what has no namespace. */
export function keyOf({ namespace, name }: { namespace?: string; name: string }): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** The two halves of a key; the namespace is "" where there is none. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, Math.max(slash, 0)), name: key.slice(slash + 1) };
}

function file<T extends KubeObject>(index: Index<T>, key: string, obj: T): void {
  for (const value of index.valuesOf(obj)) {
    const filed = index.byValue.get(value);
    if (filed === undefined) index.byValue.set(value, new Map([[key, obj]]));
    else filed.set(key, obj);
  }
}

function unfile<T extends KubeObject>(index: Index<T>, key: string, obj: T): void {
  for (const value of index.valuesOf(obj)) {
    const filed = index.byValue.get(value);
    filed?.delete(key);
    if (filed?.size === 0) index.byValue.delete(value);
  }
}

function listOf(value: string | undefined): string[] {
  return value ? [value] : [];
}
