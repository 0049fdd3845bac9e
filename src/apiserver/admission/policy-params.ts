/**
 * The objects that a binding gives its policy as parameters: one by its name, or all that a selector finds.
 *
 * In Kubernetes: CollectParams in staging/src/k8s.io/apiserver/pkg/admission/plugin/policy/generic/policy_dispatcher.go
 */
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "../../api/admissionregistration/validating-admission-policy.ts";
import { apiVersionOf, type Kind, type KubeObject, storageKey } from "../../api/kind.ts";
import { labelMatcher } from "../../api/labels.ts";
import type { AdmissionRequest } from "./admission.ts";
import type { MatchSurroundings } from "./webhook-match.ts";

export interface Param {
  object: KubeObject;
  kind: Kind;
}

/** The parameters cannot be had. */
export class ParamsError extends Error {}

/** undefined: the policy is asked without parameters. */
export function paramsOf(
  { spec: { paramKind } }: ValidatingAdmissionPolicy,
  { spec: { paramRef } }: ValidatingAdmissionPolicyBinding,
  request: AdmissionRequest,
  { cache, resources }: MatchSurroundings,
): (Param | undefined)[] {
  if (paramKind === undefined || paramRef === undefined) return [undefined];
  const kind = resources.all.find(
    (one) => one.kind === paramKind.kind && apiVersionOf(one) === paramKind.apiVersion,
  );
  if (kind === undefined) {
    throw new ParamsError(
      `failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'`,
    );
  }
  if (!kind.namespaced && paramRef.namespace) {
    throw new ParamsError(
      "paramRef.namespace must not be provided for a cluster-scoped `paramKind`",
    );
  }
  const namespace = kind.namespaced ? paramRef.namespace || request.namespace : "";
  if (kind.namespaced && namespace === "") {
    throw new ParamsError(
      "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources",
    );
  }
  const prefix = storageKey(kind);
  const matches = paramRef.selector ? labelMatcher(paramRef.selector) : undefined;
  const found = cache
    .resource(prefix)
    .list(namespace === "" ? prefix : `${prefix}${namespace}/`)
    .items.map(({ object }) => ({ object, kind }))
    .filter(({ object: { metadata } }) =>
      matches ? matches(metadata.labels) : metadata.name === paramRef.name,
    );
  if (found.length > 0 || paramRef.parameterNotFoundAction === "Allow") return found;
  throw new ParamsError("no params found for policy binding with `Deny` parameterNotFoundAction");
}
