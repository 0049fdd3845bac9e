/**
 * When tokens that lie in Secrets were used last: the day is noted on the secret, and since when days are noted in
 * a ConfigMap of kube-system, so that the cleaner of such tokens knows what nobody has used for a year.
 *
 * In Kubernetes: pkg/controlplane/controller/legacytokentracking, patchSecretWithLastUsedDate in pkg/serviceaccount/legacy.go.
 * Differs: the ConfigMap is made at the start and not watched over.
 */
import { ConfigMap } from "../../api/config-map.ts";
import { isAlreadyExists, isNotFound } from "../../api/errors.ts";
import type { KubeObject } from "../../api/kind.ts";
import {
  dayOf,
  LAST_USED_LABEL,
  TRACKING_CONFIG_MAP,
  TRACKING_SINCE,
} from "../../api/legacy-token.ts";
import { Secret } from "../../api/secret.ts";
import type { Clock } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import { systemContext } from "../bootstrap.ts";
import type { Registry } from "../registry.ts";

const DAY_MS = 86_400_000;

/** Says since when uses are noted, unless it has been said. */
export async function startTracking(registry: Registry, clock: Clock): Promise<void> {
  const metadata = { name: TRACKING_CONFIG_MAP, namespace: "kube-system" };
  try {
    await registry.get(ConfigMap, metadata.namespace, metadata.name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const data = { [TRACKING_SINCE]: dayOf(clock.now()) };
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata, data } as KubeObject;
    await registry.create(ConfigMap, metadata.namespace, map, systemContext).catch((failed) => {
      if (!isAlreadyExists(failed)) throw failed;
    });
  }
}

/** Notes that the secret's token is used today, once a day. That it cannot be noted harms nobody. */
export async function noteUse(
  secret: Secret,
  { registry, clock, log }: { registry: Registry; clock: Clock; log: Log },
): Promise<void> {
  const now = clock.now();
  const today = dayOf(now);
  // Another server's clock may be ahead.
  const days = [today, dayOf(new Date(now.getTime() + DAY_MS))];
  if (days.includes(secret.metadata.labels?.[LAST_USED_LABEL] ?? "")) return;
  const { namespace = "", name } = secret.metadata;
  const target = { kind: Secret, namespace, name, subresource: "" };
  const change = (current: KubeObject | undefined) => {
    const { metadata, ...rest } = current ?? secret;
    const labels = { ...metadata.labels, [LAST_USED_LABEL]: today };
    return { ...rest, metadata: { ...metadata, labels } } as KubeObject;
  };
  try {
    await registry.update(target, change, systemContext);
  } catch (error) {
    log.error("Failed to label legacy service account token with last-used date", error, {
      secret: `${namespace}/${name}`,
    });
  }
}
