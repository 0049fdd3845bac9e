/**
 * A rule of a role: these verbs, on these resources of these groups, maybe on these names only; or these
 * verbs on these paths that are no resource. Rules only ever allow.
 *
 * In Kubernetes: validatePolicyRule in pkg/apis/rbac/validation/validation.go
 */
import type { PolicyRule } from "kubernetes-types/rbac/v1.js";
import { type FieldError, invalidValue, required } from "../field-error.ts";
import { pathSegmentErrors } from "../names.ts";

export type { PolicyRule };

export const RBAC_GROUP = "rbac.authorization.k8s.io";

export function validateRules(rules: PolicyRule[] | undefined, isNamespaced: boolean) {
  return (rules ?? []).flatMap((rule, i) => validateRule(rule, `rules[${i}]`, isNamespaced));
}

function validateRule(rule: PolicyRule, path: string, isNamespaced: boolean): FieldError[] {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [] } = rule;
  const { nonResourceURLs = [] } = rule;
  const errors: FieldError[] = [];
  const refuse = (field: string, why: string) => errors.push(required(`${path}.${field}`, why));
  if (verbs.length === 0) refuse("verbs", "verbs must contain at least one value");
  if (nonResourceURLs.length > 0) {
    const refuseUrls = (why: string) =>
      errors.push(invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, why));
    if (isNamespaced) refuseUrls("namespaced rules cannot apply to non-resource URLs");
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      refuseUrls("rules cannot apply to both regular resources and non-resource URLs");
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    refuse("apiGroups", "resource rules must supply at least one api group");
  }
  if (resources.length === 0) {
    refuse("resources", "resource rules must supply at least one resource");
  }
  return errors;
}

/** Names of roles and bindings may hold nearly anything: "system:node" is one. */
export const rbacNameErrors = (name: string): string[] => pathSegmentErrors(name);
