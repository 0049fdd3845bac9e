/**
 * A request to a legacy version, said in the words of v1: another path, other names for the same query.
 *
 *   /api/v1beta1/pods/web?namespace=shop&labels=app%3Dweb     v1beta1, v1beta2
 *   /api/v1beta3/namespaces/shop/pods/web?labelSelector=...   v1beta3
 */
import { badRequest } from "../../api/errors.ts";
import { pathOf, queryOf } from "../../client/client.ts";
import { POD_STATUSES } from "./flat-pod.ts";
import { type LegacyResource, legacyResources } from "./legacy-resources.ts";

export type LegacyVersion = "v1beta1" | "v1beta2" | "v1beta3";

export interface LegacyRequest {
  version: LegacyVersion;
  resource: LegacyResource;
  /** As the path has it: "minions". */
  name: string;
  /** "" for all, and for kinds without one. */
  namespace: string;
  /** "" for a list. */
  id: string;
  /** The path and query of the same thing in v1. */
  v1Path: string;
}

export interface LegacyTarget {
  version: LegacyVersion;
  resource: string;
  id?: string | undefined;
  /** Of v1beta3's path. */
  namespace?: string | undefined;
}

/** Undefined where there is no such resource. */
export function legacyRequestOf(
  { version, resource: name, id = "", namespace: ofPath }: LegacyTarget,
  query: URLSearchParams,
): LegacyRequest | undefined {
  const isFlat = version !== "v1beta3";
  const resource = legacyResources.find(({ kind, flatNames }) =>
    isFlat ? flatNames.includes(name) : kind.plural === name,
  );
  if (resource === undefined) return undefined;
  const { kind } = resource;
  if (!kind.namespaced && ofPath !== undefined) return undefined;
  const asked = isFlat ? (query.get("namespace") ?? "") : (ofPath ?? "");
  const namespace = kind.namespaced ? asked || (id === "" ? "" : "default") : "";
  const selectors = {
    labelSelector: query.get(isFlat ? "labels" : "labelSelector") || undefined,
    fieldSelector:
      v1Fields(
        query.get(isFlat ? "fields" : "fieldSelector") ?? "",
        isFlat ? resource.flatFields : resource.v1beta3Fields,
      ) || undefined,
  };
  const v1Path =
    id === "" ? pathOf(kind, namespace) + queryOf(selectors) : pathOf(kind, namespace, id);
  return { version, resource, name, namespace, id, v1Path };
}

function v1Fields(selector: string, fields: Readonly<Record<string, string>>): string {
  const terms = selector.split(",").filter((term) => term !== "");
  return terms
    .map((term) => {
      const [, field, operator, value] = /^(.*?)(!=|==|=)(.*)$/.exec(term) ?? [];
      if (field === undefined) {
        throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
      }
      if (!Object.hasOwn(fields, field)) throw badRequest(`field label not supported: ${field}`);
      return `${fields[field]}${operator}${field === "DesiredState.Status" ? phaseOf(value!) : value}`;
    })
    .join(",");
}

function phaseOf(status: string): string {
  return Object.keys(POD_STATUSES).find((phase) => POD_STATUSES[phase] === status) ?? status;
}
