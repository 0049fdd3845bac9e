/** The informer's contract: a cache of one kind, kept current by one watch. */
import type { Kind, KubeObject } from "../api/kind.ts";
import type { Selection } from "./client.ts";

/** Read access to a cache. What it gives out must not be changed: others read it too. */
export interface Reader<T extends KubeObject> {
  /** `namespace` is "" or undefined for kinds without one. */
  get(namespace: string | undefined, name: string): T | undefined;
  /** All, or those of one namespace. */
  list(namespace?: string): T[];
  /** Those that `index` files under `value`. Built in: "owner" (controller's uid), "node" (spec.nodeName). */
  by(index: string, value: string): T[];
}

export type ChangeHandler<T extends KubeObject> = (obj: T | undefined, old: T | undefined) => void;

export interface Informer<T extends KubeObject> extends Reader<T> {
  /** Told of every change from now on, after a first call for each object there is. */
  onChange(handler: ChangeHandler<T>): void;
  /** Resolves when the first list is in the cache. */
  synced(): Promise<void>;
}

/** One informer per kind and selection, shared by all who ask. */
export interface Informers {
  of<T extends KubeObject>(kind: Kind<T>, selection?: Selection): Informer<T>;
}
