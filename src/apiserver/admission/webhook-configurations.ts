/**
 * The webhooks that there are, in the order of the names of their configurations: read from the watch cache, and
 * made ready once for each revision of each.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/configuration, and plugin/webhook/generic (Dispatch)
 */

import type { WebhookConfiguration } from "../../api/admissionregistration/webhook-configuration.ts";
import type { Kind } from "../../api/kind.ts";
import { storageKey } from "../../api/kind.ts";
import type { CachedObject } from "../storage/cached-object.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { AdmissionRequest } from "./admission.ts";
import { type ReadyWebhook, readied, type WebhookSurroundings } from "./webhook-call.ts";
import { isExempt } from "./webhook-match.ts";

type AskAll = (
  webhooks: readonly ReadyWebhook[],
  request: AdmissionRequest,
  surroundings: WebhookSurroundings,
) => Promise<void>;

/** `askAll`, for requests that webhooks may have a say about. */
export function whereThereAreWebhooks(
  configuration: Kind,
  surroundings: WebhookSurroundings,
  askAll: AskAll,
) {
  const webhooks = webhooksOf(surroundings.cache, configuration);
  return (request: AdmissionRequest): Promise<void> | undefined => {
    const asked = webhooks();
    if (asked.length === 0 || isExempt(request)) return undefined;
    return askAll(asked, request, surroundings);
  };
}

function webhooksOf(cache: WatchCache, kind: Kind): () => readonly ReadyWebhook[] {
  const configurations = cache.resource(storageKey(kind));
  const ready = new WeakMap<CachedObject, ReadyWebhook[]>();
  const readyOf = (cached: CachedObject) => {
    const known = ready.get(cached);
    if (known !== undefined) return known;
    const { metadata, webhooks = [] } = cached.object as WebhookConfiguration;
    const made = webhooks.map((webhook) => readied(webhook, metadata.name));
    ready.set(cached, made);
    return made;
  };
  return () => (configurations.size === 0 ? [] : configurations.list().items.flatMap(readyOf));
}
