/**
 * Objects as authentication looks them up: in the watch cache; and in the store what is not there, or is there
 * as one that has been made again since.
 */
import { type Kind, type KubeObject, storageKey } from "../../api/kind.ts";
import { findObject } from "../admission/stored-object-lookup.ts";
import type { Store } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";

export type ObjectFinder = <T extends KubeObject>(
  kind: Kind<T>,
  namespace: string,
  name: string,
  /** Which of that name is looked for. What is found may yet be another. */
  uid?: string,
) => Promise<T | undefined>;

export function objectFinder(options: { store: Store; cache: WatchCache }): ObjectFinder {
  return async <T extends KubeObject>(
    kind: Kind<T>,
    namespace: string,
    name: string,
    uid?: string,
  ) => {
    // A name that is none must not become the path of something else.
    if (name === "" || name.includes("/") || namespace.includes("/")) return undefined;
    const plain = kind as unknown as Kind;
    const found = await findObject(plain, namespace, name, options);
    if (found === undefined || uid === undefined || found.metadata.uid === uid) {
      return found as T | undefined;
    }
    const stored = await options.store.get(storageKey(plain, namespace, name));
    return stored && (JSON.parse(stored.value.toString()) as T);
  };
}
