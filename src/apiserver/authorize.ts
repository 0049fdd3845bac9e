/**
 * Whether the one who asks may. `alwaysAllow` lets everybody do everything that has come this far,
 * as --authorization-mode=AlwaysAllow does; another mode is another function.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/authorization
 */
import { ApiError, forbiddenRequest } from "../api/errors.ts";
import type { User } from "./authenticate.ts";
import type { RequestInfo } from "./request-info.ts";

export type Decision = { allowed: true } | { allowed: false; reason: string };

export type Authorizer = (user: User, info: RequestInfo) => Decision | Promise<Decision>;

export const alwaysAllow: Authorizer = () => ({ allowed: true });

/** Throws Kubernetes' own 403 where the authorizer says no. */
export async function authorize(authorizer: Authorizer, user: User, info: RequestInfo) {
  const decision = await authorizer(user, info);
  if (!decision.allowed) throw forbidden(user, info, decision.reason);
}

function forbidden(user: User, info: RequestInfo, reason: string): ApiError {
  const who = `User ${JSON.stringify(user.name)} cannot`;
  const why = reason === "" ? "" : `: ${reason}`;
  if (!info.isResourceRequest) {
    const message = `forbidden: ${who} ${info.verb} path ${JSON.stringify(info.path)}${why}`;
    return new ApiError(403, "Forbidden", message, {});
  }
  const { group, resource, subresource, verb, namespace, name } = info;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where =
    namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const sentence = `${who} ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}${why}`;
  return forbiddenRequest({ group, plural: resource }, name, sentence);
}
