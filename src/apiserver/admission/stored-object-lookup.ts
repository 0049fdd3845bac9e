/**
 * Whether something is there: the cache's "yes" is believed, its "no" is checked in the store, for what was
 * created a moment ago may not have reached the cache.
 */
import { type Kind, type KubeObject, storageKey } from "../../api/kind.ts";
import type { Store } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";

export async function findObject(
  kind: Kind,
  namespace: string,
  name: string,
  { store, cache }: { store: Store; cache: WatchCache },
): Promise<KubeObject | undefined> {
  const key = storageKey(kind, namespace, name);
  const cached = cache.resource(storageKey(kind)).get(key);
  if (cached !== undefined) return cached.object;
  const stored = await store.get(key);
  return stored && (JSON.parse(stored.value.toString()) as KubeObject);
}
