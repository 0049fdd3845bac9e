/**
 * A Role: what one may do in one namespace. Who has it, a RoleBinding says.
 *
 * In Kubernetes: pkg/registry/rbac/role/strategy.go, pkg/apis/rbac/validation
 */
import { defineKind, type KubeObject } from "../kind.ts";
import { type PolicyRule, rbacNameErrors, validateRules } from "./policy-rule.ts";
import { creationColumns } from "./role-columns.ts";

export interface Role extends KubeObject {
  rules?: PolicyRule[];
}

export const Role = defineKind<Role>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "Role",
  plural: "roles",
  namespaced: true,
  storagePrefix: "roles",
  schema: "io.k8s.api.rbac.v1.Role",
  servedVersions: ["v1beta1"],
  isCreatedByUpdate: true,
  columns: creationColumns,
  validateName: rbacNameErrors,
  validate: ({ rules }) => validateRules(rules, true),
  example: {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "example" },
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }],
  },
});
