/**
 * A ClusterRoleBinding gives a ClusterRole to users, groups and service accounts, in the whole cluster.
 *
 * In Kubernetes: pkg/registry/rbac/clusterrolebinding/strategy.go, pkg/apis/rbac/validation
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

export interface ClusterRoleBinding extends KubeObject, Binding {}

export const ClusterRoleBinding = defineKind<ClusterRoleBinding>({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  namespaced: false,
  storagePrefix: "clusterrolebindings",
  schema: "io.k8s.api.rbac.v1.ClusterRoleBinding",
  servedVersions: ["v1beta1"],
  isCreatedByUpdate: true,
  columns: bindingColumns,
  validateName: rbacNameErrors,
  setDefaults: setBindingDefaults,
  validate: (binding) => validateBinding(binding, ["ClusterRole"], false),
  validateUpdate: validateSameRole,
  example: {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "example" },
    subjects: [{ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "admins" }],
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
  },
});
