/**
 * Discovery: what this server serves, so that a client need not know any kind. All of it is made from the
 * list of kinds.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/discovery
 */
import { createHash } from "node:crypto";
import type { Kind, Verb } from "../api/kind.ts";
import { byPriority } from "./group-priority.ts";

export interface ApiResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  group?: string;
  version?: string;
  kind: string;
  verbs: readonly Verb[];
  shortNames?: string[];
  categories?: string[];
  /** Tells in what form it is kept: another hash, another form. */
  storageVersionHash?: string;
}

const ALL_VERBS: Verb[] = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];
const STATUS_VERBS: Verb[] = ["get", "patch", "update"];

/** /api */
export function apiVersions(serverAddress: string) {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
  };
}

/** /apis */
export function apiGroupList(kinds: readonly Kind[]) {
  const groups = groupsOf(kinds).map((group) => groupOf(kinds, group));
  return { kind: "APIGroupList", apiVersion: "v1", groups };
}

/** /api/v1, /apis/{group}/{version}; undefined where there is no such version. */
export function apiResourceList(kinds: readonly Kind[], group: string, version: string) {
  const served = kinds.filter((kind) => kind.group === group && kind.version === version);
  if (served.length === 0) return undefined;
  const groupVersion = group === "" ? version : `${group}/${version}`;
  const resources = served
    .flatMap((kind) => [{ ...resourceOf(kind), ...storageOf(kind) }, ...subresourcesOf(kind)])
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { kind: "APIResourceList", ...(group && { apiVersion: "v1" }), groupVersion, resources };
}

/** Groups but the core, those first that a client should ask first. */
export function groupsOf(kinds: readonly Kind[]): string[] {
  const groups = new Set(kinds.map(({ group }) => group));
  return [...groups].filter((group) => group !== "").toSorted(byPriority);
}

export function versionsOf(kinds: readonly Kind[], group: string): string[] {
  return [...new Set(kinds.filter((kind) => kind.group === group).map(({ version }) => version))];
}

export function resourceOf(kind: Kind): ApiResource {
  const { plural, singular, namespaced, shortNames, categories } = kind;
  return {
    name: plural,
    singularName: singular ?? kind.kind.toLowerCase(),
    namespaced,
    kind: kind.kind,
    verbs: kind.verbs?.toSorted() ?? ALL_VERBS,
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories === undefined ? {} : { categories }),
  };
}

/** What is only answered, and never kept, has no form in the store; what users declare may have several. */
function storageOf(kind: Kind): Pick<ApiResource, "storageVersionHash"> {
  if (kind.isCustom || !(kind.verbs ?? ALL_VERBS).includes("watch")) return {};
  const { group, version, kind: name } = kind.storedAs?.kind ?? kind;
  const digest = createHash("sha256").update(`${group}/${version}/${name}`).digest();
  return { storageVersionHash: digest.subarray(0, 8).toString("base64") };
}

export function subresourcesOf(kind: Kind): ApiResource[] {
  const listed = [...(kind.subresources ?? [])];
  if (kind.hasStatus) listed.push({ name: "status", kind: kind.kind, verbs: STATUS_VERBS });
  if (kind.scale) {
    const [group, version] = ["autoscaling", "v1"];
    listed.push({ name: "scale", kind: "Scale", group, version, verbs: STATUS_VERBS });
  }
  return listed
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, group, version, kind: of, verbs }) => ({
      name: `${kind.plural}/${name}`,
      singularName: "",
      namespaced: kind.namespaced,
      ...(group === undefined ? {} : { group }),
      ...(version === undefined ? {} : { version }),
      kind: of,
      verbs: verbs.toSorted(),
    }));
}

function groupOf(kinds: readonly Kind[], name: string) {
  const versions = versionsOf(kinds, name).map((version) => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  return { name, versions, preferredVersion: versions[0]! };
}
