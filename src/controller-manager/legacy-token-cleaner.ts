/**
 * The cleaner of tokens that Kubernetes once made for every account and that lie in Secrets without an end: one
 * that nobody has used for a year is marked, so that it is taken no more, and deleted after another year.
 *
 * Its rule: only what an account lists among its secrets was made for it; what somebody has made stays.
 *
 * In Kubernetes: pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner.go. Differs: each secret is
 * looked at once a day, not all at the same moment.
 */
import { ConfigMap } from "../api/config-map.ts";
import { isConflict, isNotFound } from "../api/errors.ts";
import {
  dayOf,
  INVALID_SINCE_LABEL,
  isDay,
  LAST_USED_LABEL,
  TRACKING_CONFIG_MAP,
  TRACKING_SINCE,
} from "../api/legacy-token.ts";
import { Pod } from "../api/pod.ts";
import { secretsOf } from "../api/pod-references.ts";
import { Secret } from "../api/secret.ts";
import { ServiceAccount } from "../api/service-account.ts";
import {
  ACCOUNT_NAME_ANNOTATION,
  ACCOUNT_UID_ANNOTATION,
  TOKEN_SECRET_TYPE,
} from "../api/service-account-user.ts";
import type { Controller, SyncContext } from "../client/control-loop.ts";

const DAY_MS = 86_400_000;

/** `cleanUpPeriodMs`: --legacy-service-account-token-clean-up-period */
export function legacyTokenCleaner(cleanUpPeriodMs = 365 * DAY_MS): Controller<Secret> {
  return {
    name: "legacy-serviceaccount-token-cleaner-controller",
    watches: Secret,
    reads: [ServiceAccount, Pod],
    workers: 1,

    async sync(secret, _, context) {
      if (secret?.type !== TOKEN_SECRET_TYPE || secret.metadata.deletionTimestamp) return;
      const beforeMs = context.clock.now().getTime() - cleanUpPeriodMs;
      if (isUnused(secret, beforeMs, context)) await clean(secret, beforeMs, context);
      return { againInMs: DAY_MS };
    },
  };
}

/** Older than the period, not used within it, made for its account, and no pod's. */
function isUnused(secret: Secret, beforeMs: number, context: SyncContext): boolean {
  const { namespace = "", name, creationTimestamp = "", labels = {} } = secret.metadata;
  if (Date.parse(creationTimestamp) >= beforeMs) return false;
  const lastUsed = labels[LAST_USED_LABEL];
  if (lastUsed !== undefined && !(isDay(lastUsed) && lastUsed < dayOf(new Date(beforeMs)))) {
    return false;
  }
  if (!isMadeForAccount(secret, context)) return false;
  const pods = context.cached(Pod).list(namespace);
  return !pods.some((pod) => [...secretsOf(pod)].includes(name));
}

function isMadeForAccount({ metadata }: Secret, { cached }: SyncContext): boolean {
  const { namespace, name, annotations = {} } = metadata;
  const { [ACCOUNT_NAME_ANNOTATION]: accountName = "", [ACCOUNT_UID_ANNOTATION]: uid = "" } =
    annotations;
  const account = cached(ServiceAccount).get(namespace, accountName);
  const isItsOwn = account !== undefined && (uid === "" || uid === account.metadata.uid);
  return isItsOwn && (account.secrets ?? []).some((one) => one.name === name);
}

async function clean(secret: Secret, beforeMs: number, context: SyncContext): Promise<void> {
  const { client, clock, log } = context;
  if (!(await isKnownSince(beforeMs, context))) return;
  const { namespace = "", name, uid, resourceVersion = "", labels = {} } = secret.metadata;
  const fields = { secret: `${namespace}/${name}` };
  const invalidSince = labels[INVALID_SINCE_LABEL] ?? "";
  if (!isDay(invalidSince)) {
    log.info("Mark the auto-generated service account token as invalid", fields);
    const today = { [INVALID_SINCE_LABEL]: dayOf(clock.now()) };
    const patch = { metadata: { uid, labels: today } };
    await client.patch(Secret, namespace, name, patch, { type: "merge" });
    return;
  }
  if (invalidSince >= dayOf(new Date(beforeMs))) return;
  log.info("Delete auto-generated service account token", fields);
  try {
    await client.delete(Secret, namespace, name, { preconditions: { resourceVersion } });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

/** Whether uses have been noted for the whole period: from the day after the one on which that began. */
async function isKnownSince(beforeMs: number, { client }: SyncContext): Promise<boolean> {
  const { data } = await client.get(ConfigMap, "kube-system", TRACKING_CONFIG_MAP);
  const since = data?.[TRACKING_SINCE] ?? "";
  if (!isDay(since)) throw new Error(`error parsing trackedSince time: ${JSON.stringify(since)}`);
  return beforeMs >= Date.parse(since) + DAY_MS;
}
