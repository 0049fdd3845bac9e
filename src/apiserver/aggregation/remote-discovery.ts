/**
 * Discovery of what other servers serve, merged into our own.
 *
 * In Kubernetes: staging/src/k8s.io/kube-aggregator/pkg/apiserver/{handler_apis,handler_discovery}.go
 */
import type { ApiResource } from "../discovery.ts";
import type { RemoteGroup } from "./remote-group.ts";

interface Group {
  name: string;
  versions: { groupVersion: string; version: string }[];
  preferredVersion: { groupVersion: string; version: string };
}

interface Discovered {
  metadata: { name?: string; creationTimestamp: null };
  versions: { version: string; resources: unknown[]; freshness: string }[];
}

/** Our groups, and those of others after them. */
export function withRemoteGroups(groups: readonly Group[], remote: Iterable<RemoteGroup>): Group[] {
  const all = new Map(groups.map((group) => [group.name, group]));
  for (const { service } of remote) {
    const { group: name = "", version = "" } = service.spec;
    const added = { groupVersion: `${name}/${version}`, version };
    const known = all.get(name);
    if (known === undefined) {
      all.set(name, { name, versions: [added], preferredVersion: added });
    } else if (!known.versions.some((one) => one.version === version)) {
      all.set(name, { ...known, versions: [...known.versions, added] });
    }
  }
  return [...all.values()];
}

/** The same for aggregated discovery. */
export function withRemoteItems(
  items: readonly Discovered[],
  remote: Iterable<RemoteGroup>,
): Discovered[] {
  const all = [...items];
  for (const group of remote) {
    const { group: name = "", version = "" } = group.service.spec;
    const freshness = group.isAvailable ? "Current" : "Stale";
    const added = { version, resources: resourcesOf(group), freshness };
    const at = all.findIndex(({ metadata }) => metadata.name === name);
    if (at < 0) {
      all.push({ metadata: { name, creationTimestamp: null }, versions: [added] });
      continue;
    }
    const others = all[at]!.versions.filter((one) => one.version !== version);
    all[at] = { ...all[at]!, versions: [...others, added] };
  }
  return all;
}

function resourcesOf({ resources, service }: RemoteGroup): unknown[] {
  const { group, version } = service.spec;
  const responseKind = (one: ApiResource) => ({
    group: one.group ?? group,
    version: one.version ?? version,
    kind: one.kind,
  });
  return resources
    .filter(({ name }) => !name.includes("/"))
    .map((one) => {
      const below = resources.filter(({ name }) => name.startsWith(`${one.name}/`));
      const subresources = below.map((sub) => ({
        subresource: sub.name.slice(one.name.length + 1),
        responseKind: responseKind(sub),
        verbs: sub.verbs,
      }));
      return {
        resource: one.name,
        responseKind: responseKind(one),
        scope: one.namespaced ? "Namespaced" : "Cluster",
        singularResource: one.singularName ?? "",
        verbs: one.verbs,
        ...(one.shortNames && { shortNames: one.shortNames }),
        ...(one.categories && { categories: one.categories }),
        ...(subresources.length > 0 && { subresources }),
      };
    });
}
