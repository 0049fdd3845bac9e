/**
 * Whether the one who asks may. An authorizer looks at who asks and what for, and allows it, denies it for good,
 * or has no opinion; what nobody allows is forbidden. The authorizers are in authorization/, one file each.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/authorization
 */
import { ApiError, forbiddenRequest } from "../api/errors.ts";
import { goQuoted } from "../api/field-error.ts";
import type { User } from "./authenticate.ts";
import type { RequestInfo } from "./request-info.ts";

/** What is asked, as far as a decision depends on it. A RequestInfo is one. */
export type Attributes = Pick<
  RequestInfo,
  | "isResourceRequest"
  | "verb"
  | "group"
  | "version"
  | "resource"
  | "subresource"
  | "namespace"
  | "name"
  | "path"
>;

export type Decision =
  /** `explain` says by what it is allowed; only reviews ask. */
  | { allowed: true; explain?: () => string }
  /** `isFinal`: nobody who comes later may allow it. Without it, this one has no opinion. */
  | { allowed: false; reason: string; isFinal?: boolean };

export type Authorizer = (user: User, attributes: Attributes) => Decision | Promise<Decision>;

export const ALLOWED: Decision = { allowed: true };
export const NO_OPINION: Decision = { allowed: false, reason: "" };

/** --authorization-mode=AlwaysAllow */
export const alwaysAllow: Authorizer = () => ALLOWED;

/** --authorization-mode=AlwaysDeny */
export const alwaysDeny: Authorizer = () => ({
  allowed: false,
  reason: "Everything is forbidden.",
});

/** Throws Kubernetes' own 403 where the authorizer says no; `onDecision` is told before. */
export async function authorize(
  authorizer: Authorizer,
  user: User,
  asked: AskedFor,
  onDecision?: (decision: Decision) => void,
) {
  const info = withNameOfSelector(asked);
  const decision = await authorizer(user, info);
  onDecision?.(decision);
  if (!decision.allowed) throw forbidden(user, info, decision.reason);
  return decision;
}

type AskedFor = Attributes & { query?: URLSearchParams };

const ONE_NAME = /(?:^|,)metadata\.name==?([^,]+)(?:,|$)/;

/** A list or watch of one object, by its name, is about that one. */
function withNameOfSelector(info: AskedFor): Attributes {
  if (info.name !== "" || (info.verb !== "list" && info.verb !== "watch")) return info;
  const [, name] = ONE_NAME.exec(info.query?.get("fieldSelector") ?? "") ?? [];
  return name === undefined ? info : { ...info, name };
}

function forbidden(user: User, info: Attributes, reason: string): ApiError {
  const why = reason === "" ? "" : `: ${reason}`;
  const refusal = withoutMarkup(`User ${goQuoted(user.name)} cannot ${whatIsAsked(info)}`) + why;
  if (!info.isResourceRequest) return new ApiError(403, "Forbidden", `forbidden: ${refusal}`, {});
  return forbiddenRequest({ group: info.group, plural: info.resource }, info.name, refusal);
}

function whatIsAsked(info: Attributes): string {
  const { group, resource, subresource, verb, namespace } = info;
  if (!info.isResourceRequest) return `${verb} path ${goQuoted(info.path)}`;
  const what = goQuoted(subresource === "" ? resource : `${resource}/${subresource}`);
  const where =
    namespace === "" ? "at the cluster scope" : `in the namespace ${goQuoted(namespace)}`;
  return `${verb} resource ${what} in API group ${goQuoted(group)} ${where}`;
}

/** A browser is not to take the answer for a page. */
function withoutMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
