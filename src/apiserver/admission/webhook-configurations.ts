/**
 * The webhooks that there are, in the order of the names of their configurations: read from the watch cache, and
 * made ready once for each revision of each.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/configuration
 */

import type { WebhookConfiguration } from "../../api/admissionregistration/webhook-configuration.ts";
import type { Kind } from "../../api/kind.ts";
import { storageKey } from "../../api/kind.ts";
import type { CachedObject } from "../storage/cached-object.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import { type ReadyWebhook, readied } from "./webhook-call.ts";

export function webhooksOf(cache: WatchCache, kind: Kind): () => readonly ReadyWebhook[] {
  const configurations = cache.resource(storageKey(kind));
  const ready = new WeakMap<CachedObject, ReadyWebhook[]>();
  const readyOf = (cached: CachedObject) => {
    const known = ready.get(cached);
    if (known !== undefined) return known;
    const { webhooks = [] } = cached.object as WebhookConfiguration;
    const made = webhooks.map(readied);
    ready.set(cached, made);
    return made;
  };
  return () => (configurations.size === 0 ? [] : configurations.list().items.flatMap(readyOf));
}
