/**
 * Aggregated discovery: all of it in two answers, /api and /apis, for clients since kubectl 1.27.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/discovery/aggregated
 */
import type { Kind } from "../api/kind.ts";
import { type ApiResource, groupsOf, resourceOf, subresourcesOf, versionsOf } from "./discovery.ts";

const AS = "APIGroupDiscoveryList";
const GROUP = "apidiscovery.k8s.io";
const VERSIONS = ["v2", "v2beta1"];

/** The version the client would like; undefined: it wants the other discovery. */
export function aggregatedVersionOf(accept = ""): string | undefined {
  for (const clause of accept.split(",")) {
    const parameters = new Map(
      clause.split(";").map((part) => part.trim().split("=", 2) as [string, string]),
    );
    if (!parameters.has("application/json")) continue;
    const version = parameters.get("v") ?? "";
    const isAsked = parameters.get("as") === AS && parameters.get("g") === GROUP;
    if (isAsked && VERSIONS.includes(version)) return version;
    if (parameters.get("as") === undefined) return undefined;
  }
  return undefined;
}

export function contentTypeOf(version: string): string {
  return `application/json;g=${GROUP};v=${version};as=${AS}`;
}

/** /api has the core group, which has no name; /apis has all others. */
export function aggregatedDiscovery(kinds: readonly Kind[], isCore: boolean, version: string) {
  const groups = isCore ? [""] : groupsOf(kinds);
  return {
    kind: AS,
    apiVersion: `${GROUP}/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: { ...(group === "" ? {} : { name: group }), creationTimestamp: null },
      versions: versionsOf(kinds, group).map((one) => ({
        version: one,
        resources: kinds
          .filter((kind) => kind.group === group && kind.version === one)
          .toSorted((a, b) => (a.plural < b.plural ? -1 : 1))
          .map(resourceDiscovery),
        freshness: "Current",
      })),
    })),
  };
}

function resourceDiscovery(kind: Kind) {
  const { name, singularName, verbs, shortNames, categories } = resourceOf(kind);
  const subresources = subresourcesOf(kind).map((one) => ({
    subresource: one.name.slice(name.length + 1),
    responseKind: responseKind(kind, one),
    verbs: one.verbs,
  }));
  return {
    resource: name,
    responseKind: responseKind(kind, {}),
    scope: kind.namespaced ? "Namespaced" : "Cluster",
    singularResource: singularName,
    verbs,
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories === undefined ? {} : { categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

function responseKind(kind: Kind, { group, version, kind: name }: Partial<ApiResource>) {
  return {
    group: group ?? kind.group,
    version: version ?? kind.version,
    kind: name ?? kind.kind,
  };
}
