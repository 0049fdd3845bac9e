/**
 * Which verbs a kind takes, and where: one creates in a collection and changes what has a name.
 *
 * In Kubernetes: the routes that exist, staging/src/k8s.io/apiserver/pkg/endpoints/installer.go
 */
import { ApiError, pathNotFound } from "../api/errors.ts";
import type { Kind, Verb } from "../api/kind.ts";
import { methodNotAllowed } from "./answer.ts";
import type { RequestInfo } from "./request-info.ts";

/** Throws where the kind is not asked like this. */
export function checkVerb(kind: Kind, { verb, namespace, name, subresource }: RequestInfo): void {
  const whyNot = verb === "create" ? kind.custom?.whyNotCreated : undefined;
  if (whyNot !== undefined)
    throw new ApiError(405, "MethodNotAllowed", whyNot, { group: kind.group, kind: kind.plural });
  const allowed: readonly Verb[] | undefined =
    subresource === "status" ? ["get", "update", "patch"] : kind.verbs;
  if (verb === "" || (allowed !== undefined && !allowed.includes(verb as Verb))) {
    throw methodNotAllowed();
  }
  if (subresource === "" && isMisplaced(verb, name)) throw methodNotAllowed();
  // Across all namespaces one can look, and do nothing else.
  const isAcross = kind.namespaced && namespace === "" && verb !== "watch";
  if (isAcross && name !== "") throw pathNotFound();
  if (isAcross && verb !== "list") throw methodNotAllowed();
}

/** One creates in a collection, and changes what has a name. */
function isMisplaced(verb: string, name: string): boolean {
  return verb === "create" ? name !== "" : name === "" && (verb === "update" || verb === "patch");
}
