/**
 * The aggregation of cluster roles: a role with an aggregationRule has the rules of all roles its selectors
 * choose, in the order of their names, each once. So `edit` grows with every role that is labelled for it.
 *
 * In Kubernetes: pkg/controller/clusterroleaggregation
 */
import { labelMatcher } from "../api/labels.ts";
import { ClusterRole } from "../api/rbac/cluster-role.ts";
import type { PolicyRule } from "../api/rbac/policy-rule.ts";
import type { Controller, SyncContext } from "../client/control-loop.ts";

export const clusterRoleAggregationController: Controller<ClusterRole> = {
  name: "clusterrole-aggregation-controller",
  watches: ClusterRole,
  // Any role may have come into, or gone from, what another gathers.
  follows: [{ kind: ClusterRole, keysOf: (_role, _old, context) => gatherers(context) }],

  async sync(role, _key, { client, cached }) {
    if (role?.aggregationRule === undefined) return;
    const rules = gathered(role, cached(ClusterRole).list());
    if (JSON.stringify(rules) === JSON.stringify(role.rules ?? [])) return;
    await client.update(ClusterRole, { ...role, rules });
  },
};

function gatherers({ cached }: SyncContext): string[] {
  return cached(ClusterRole)
    .list()
    .filter(({ aggregationRule }) => aggregationRule !== undefined)
    .map(({ metadata }) => metadata.name);
}

/** A role never gathers itself. */
export function gathered(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const matchers = (role.aggregationRule?.clusterRoleSelectors ?? []).map(labelMatcher);
  const byName = all.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const found = new Map<string, PolicyRule>();
  for (const matches of matchers) {
    for (const { metadata, rules } of byName) {
      if (metadata.name === role.metadata.name || !matches(metadata.labels)) continue;
      for (const rule of rules ?? []) {
        const key = JSON.stringify(rule);
        if (!found.has(key)) found.set(key, rule);
      }
    }
  }
  return [...found.values()];
}
