/**
 * A RoleBinding gives a role, a Role or a ClusterRole, to users, groups and service accounts, in its namespace.
 *
 * In Kubernetes: pkg/registry/rbac/rolebinding/strategy.go, pkg/apis/rbac/validation
 */
import { defineKind, type KubeObject } from "../kind.ts";
import { bindingColumns } from "./binding-columns.ts";
import { rbacNameErrors } from "./policy-rule.ts";
import {
  type Binding,
  setBindingDefaults,
  validateBinding,
  validateSameRole,
} from "./subject-validation.ts";

export interface RoleBinding extends KubeObject, Binding {}

export const RoleBinding = defineKind<RoleBinding>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "RoleBinding",
  plural: "rolebindings",
  namespaced: true,
  storagePrefix: "rolebindings",
  schema: "io.k8s.api.rbac.v1.RoleBinding",
  servedVersions: ["v1beta1"],
  isCreatedByUpdate: true,
  columns: bindingColumns,
  validateName: rbacNameErrors,
  setDefaults: setBindingDefaults,
  validate: (binding) => validateBinding(binding, ["Role", "ClusterRole"], true),
  validateUpdate: validateSameRole,
  example: {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "example" },
    subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "jane" }],
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
  },
});
