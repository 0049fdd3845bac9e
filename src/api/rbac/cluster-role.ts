/**
 * A ClusterRole: what one may do in the whole cluster, or, given by a RoleBinding, in one namespace. With an
 * aggregationRule its rules are those of the roles it chooses; a controller writes them.
 *
 * In Kubernetes: pkg/registry/rbac/clusterrole/strategy.go, pkg/apis/rbac/validation
 */
import type { AggregationRule } from "kubernetes-types/rbac/v1.js";
import { validateLabelSelector } from "../affinity-validation.ts";
import { type FieldError, invalidValue, required } from "../field-error.ts";
import { defineKind, type KubeObject } from "../kind.ts";
import { type PolicyRule, rbacNameErrors, validateRules } from "./policy-rule.ts";
import { creationColumns } from "./role-columns.ts";

export interface ClusterRole extends KubeObject {
  rules?: PolicyRule[] | null;
  aggregationRule?: AggregationRule;
}

export const ClusterRole = defineKind<ClusterRole>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  namespaced: false,
  storagePrefix: "clusterroles",
  schema: "io.k8s.api.rbac.v1.ClusterRole",
  servedVersions: ["v1beta1"],
  isCreatedByUpdate: true,
  columns: creationColumns,
  validateName: rbacNameErrors,
  validate: (role) => [...validateRules(role.rules ?? [], false), ...validateAggregation(role)],
  example: {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "example" },
    rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] }],
  },
});

function validateAggregation({ aggregationRule }: ClusterRole): FieldError[] {
  if (aggregationRule === undefined) return [];
  const { clusterRoleSelectors: selectors = [] } = aggregationRule;
  const path = "aggregationRule.clusterRoleSelectors";
  if (selectors.length === 0) {
    const why = "at least one clusterRoleSelector required if aggregationRule is non-nil";
    return [required(path, why)];
  }
  return selectors.flatMap((selector, i) => {
    const errors = validateLabelSelector(selector, `${path}[${i}]`);
    if (errors.length === 0) return [];
    return [...errors, invalidValue(`${path}[${i}]`, undefined, "invalid label selector.")];
  });
}
