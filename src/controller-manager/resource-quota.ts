/**
 * The resource quota controller: counts what the objects of a namespace use of each of its quotas.
 *
 * The API server charges new objects to a quota as it lets them in; this controller makes the first count,
 * and finds what has gone since.
 *
 * Rule: it raises a count at once, but lowers one only when nobody has charged the quota for a second. Until
 * then something may have been charged that our caches do not show yet, and taking that back would let in
 * too much. Who is refused charges nothing, so the second always comes.
 *
 * In Kubernetes: pkg/controller/resourcequota/resource_quota_controller.go. Differs: the rule above.
 */
import type { Kind, KubeObject } from "../api/kind.ts";
import { kinds } from "../api/kinds.ts";
import { compareQuantities, maxQuantity, zero } from "../api/quantity.ts";
import { matchesScopes } from "../api/quota-scopes.ts";
import { canBeCounted, namesUsedBy, usageOf } from "../api/quota-usage.ts";
import { ResourceQuota } from "../api/resource-quota.ts";
import { type Amounts, addAmounts, readResources, writeResources } from "../api/resources.ts";
import type { Again, Controller, SyncContext } from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";

export interface ResourceQuotaControllerOptions {
  workers?: number;
  /** How often everything is counted again, though nothing has told of a change. */
  syncPeriodMs?: number;
}

const SYNC_PERIOD_MS = 300_000;
const QUIET_MS = 1_000;

const counted = kinds.filter(
  (kind) => canBeCounted(kind) && kind.verbs?.includes("list") !== false,
);

export function resourceQuotaController({
  workers = 5,
  syncPeriodMs = SYNC_PERIOD_MS,
}: ResourceQuotaControllerOptions = {}): Controller<ResourceQuota> {
  /** Since when each quota has been as it is. */
  const unchanged = new Map<string, { resourceVersion: string; sinceMs: number }>();

  function quietMs(key: string, { metadata }: ResourceQuota, nowMs: number): number {
    const { resourceVersion = "" } = metadata;
    const known = unchanged.get(key);
    if (known?.resourceVersion === resourceVersion) return nowMs - known.sinceMs;
    unchanged.set(key, { resourceVersion, sinceMs: nowMs });
    return 0;
  }

  return {
    name: "resourcequota-controller",
    watches: ResourceQuota,
    follows: counted.map((kind) => ({
      kind,
      keysOf: (obj, old, context) => quotasOf(kind, obj, old, context),
    })),
    workers,

    async sync(quota, key, context): Promise<Again | void> {
      if (quota === undefined) return void unchanged.delete(key);
      const { hard = {} } = quota.spec;
      const told = quota.status?.used ?? {};
      const usage = count(quota, context);
      const isQuiet = quietMs(key, quota, context.clock.monotonicMs()) >= QUIET_MS;
      const used = isQuiet ? usage : atLeast(usage, readResources(told));
      const isSame = same(readResources(quota.status?.hard), readResources(hard));
      if (!isSame || quota.status?.hard === undefined || !same(readResources(told), used)) {
        const status = { hard, used: writeResources(used) };
        await context.client.updateStatus(ResourceQuota, { ...quota, status });
      }
      return { againInMs: same(used, usage) ? syncPeriodMs : QUIET_MS };
    },
  };
}

/** The quotas of its namespace that count objects of this kind, where it has come to use more or less. */
function quotasOf(
  kind: Kind,
  obj: KubeObject,
  old: KubeObject | undefined,
  { cached, clock }: SyncContext,
): string[] {
  const { namespace } = obj.metadata;
  const quotas = cached(ResourceQuota)
    .list(namespace)
    .filter(({ spec }) => namesUsedBy(kind, Object.keys(spec.hard ?? {})).length > 0);
  if (quotas.length === 0) return [];
  const now = clock.now();
  if (old !== undefined && same(usageOf(kind, old, now), usageOf(kind, obj, now))) return [];
  return quotas.map(({ metadata }) => keyOf(metadata));
}

/** What is used of each of the quota's resources; what there are no objects of is used not at all. */
function count({ spec, metadata }: ResourceQuota, { cached, clock }: SyncContext): Amounts {
  const names = Object.keys(spec.hard ?? {});
  const usage: Amounts = {};
  for (const name of names) if (!name.includes("/")) usage[name] = zero;
  for (const kind of counted) {
    const own = namesUsedBy(kind, names);
    if (own.length === 0) continue;
    const objects = cached(kind)
      .list(metadata.namespace)
      .filter((obj) => matchesScopes(spec, kind, obj));
    const sum = objects.reduce<Amounts>(
      (total, obj) => addAmounts(total, usageOf(kind, obj, clock.now())),
      {},
    );
    for (const name of own) usage[name] = sum[name] ?? zero;
  }
  return usage;
}

function atLeast(usage: Amounts, told: Amounts): Amounts {
  const entries = Object.entries(usage).map(([name, amount]) => {
    const before = told[name];
    return [name, before === undefined ? amount : maxQuantity(before, amount)] as const;
  });
  return Object.fromEntries(entries);
}

function same(a: Amounts, b: Amounts): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => b[name] !== undefined && !compareQuantities(a[name]!, b[name]));
}
