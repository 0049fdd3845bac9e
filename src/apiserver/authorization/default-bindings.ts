/**
 * Who has the roles every cluster has from its first moment, and the roles in kube-system and kube-public.
 *
 * In Kubernetes: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/{policy,controller_policy,namespace_policy}.go
 */
import type { ClusterRoleBinding } from "../../api/rbac/cluster-role-binding.ts";
import { RBAC_GROUP } from "../../api/rbac/policy-rule.ts";
import type { Role } from "../../api/rbac/role.ts";
import type { RoleBinding } from "../../api/rbac/role-binding.ts";
import type { Subject } from "../../api/rbac/subject-validation.ts";
import { CONTROLLER_PREFIX, controllerRoles } from "./controller-roles.ts";
import { ruleOf, SYSTEM_META } from "./policy-table.ts";

const API_VERSION = `${RBAC_GROUP}/v1`;
const SYSTEM = "kube-system";
const PUBLIC = "kube-public";
const MANAGER = "system:kube-controller-manager";
const SCHEDULER = "system:kube-scheduler";

const user = (name: string): Subject => ({ kind: "User", apiGroup: RBAC_GROUP, name });
const group = (name: string): Subject => ({ kind: "Group", apiGroup: RBAC_GROUP, name });
const account = (name: string): Subject => ({ kind: "ServiceAccount", name, namespace: SYSTEM });

/** By the role, which is the binding's name as well. system:node is nobody's: the Node authorizer is in its place. */
const GIVEN: Record<string, Subject[]> = {
  "cluster-admin": [group("system:masters")],
  "system:monitoring": [group("system:monitoring")],
  "system:discovery": [group("system:authenticated")],
  "system:basic-user": [group("system:authenticated")],
  "system:public-info-viewer": [group("system:authenticated"), group("system:unauthenticated")],
  "system:node-proxier": [user("system:kube-proxy")],
  "system:kube-controller-manager": [user(MANAGER)],
  "system:kube-dns": [{ kind: "ServiceAccount", name: "kube-dns", namespace: SYSTEM }],
  "system:kube-scheduler": [user(SCHEDULER)],
  "system:volume-scheduler": [user(SCHEDULER)],
  "system:node": [],
  "system:service-account-issuer-discovery": [group("system:serviceaccounts")],
};

export function defaultClusterRoleBindings(): ClusterRoleBinding[] {
  const controllers = controllerRoles().map(({ metadata }) => metadata.name);
  return [
    ...Object.entries(GIVEN).map(([role, subjects]) => clusterBinding(role, subjects)),
    ...controllers.map((role) =>
      clusterBinding(role, [account(role.slice(CONTROLLER_PREFIX.length))]),
    ),
  ];
}

export const defaultNamespacedRoles = (): Role[] => [
  role(SYSTEM, "extension-apiserver-authentication-reader", [
    "read core configmaps extension-apiserver-authentication",
  ]),
  role(SYSTEM, "system:controller:bootstrap-signer", ["read core secrets"]),
  role(SYSTEM, "system:controller:cloud-provider", ["create,get,list,watch core configmaps"]),
  role(SYSTEM, "system:controller:token-cleaner", ["get,list,watch,delete core secrets", "events"]),
  role(SYSTEM, "system::leader-locking-kube-controller-manager", [
    "watch core configmaps",
    "get,update core configmaps kube-controller-manager",
  ]),
  role(SYSTEM, "system::leader-locking-kube-scheduler", [
    "watch core configmaps",
    "get,update core configmaps kube-scheduler",
  ]),
  role(PUBLIC, "system:controller:bootstrap-signer", [
    "read core configmaps",
    "update core configmaps cluster-info",
    "events",
  ]),
];

export const defaultRoleBindings = (): RoleBinding[] => [
  binding(SYSTEM, "system::extension-apiserver-authentication-reader", [
    user(MANAGER),
    user(SCHEDULER),
  ]),
  binding(SYSTEM, "system::leader-locking-kube-controller-manager", [
    user(MANAGER),
    account("kube-controller-manager"),
  ]),
  binding(SYSTEM, "system::leader-locking-kube-scheduler", [
    user(SCHEDULER),
    account("kube-scheduler"),
  ]),
  binding(SYSTEM, "system:controller:bootstrap-signer", [account("bootstrap-signer")]),
  binding(SYSTEM, "system:controller:cloud-provider", [account("cloud-provider")]),
  binding(SYSTEM, "system:controller:token-cleaner", [account("token-cleaner")]),
  binding(PUBLIC, "system:controller:bootstrap-signer", [account("bootstrap-signer")]),
];

function metaOf(name: string, namespace?: string) {
  const { labels, annotations } = SYSTEM_META;
  const where = namespace === undefined ? {} : { namespace };
  return { name, ...where, labels: { ...labels }, annotations: { ...annotations } };
}

function clusterBinding(name: string, subjects: Subject[]): ClusterRoleBinding {
  return {
    apiVersion: API_VERSION,
    kind: "ClusterRoleBinding",
    metadata: metaOf(name),
    roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name },
    ...(subjects.length === 0 ? {} : { subjects }),
  };
}

function role(namespace: string, name: string, rules: string[]): Role {
  const metadata = metaOf(name, namespace);
  return { apiVersion: API_VERSION, kind: "Role", metadata, rules: rules.map(ruleOf) };
}

function binding(namespace: string, name: string, subjects: Subject[]): RoleBinding {
  const isReader = name === "system::extension-apiserver-authentication-reader";
  const roleName = isReader ? "extension-apiserver-authentication-reader" : name;
  return {
    apiVersion: API_VERSION,
    kind: "RoleBinding",
    metadata: metaOf(name, namespace),
    roleRef: { apiGroup: RBAC_GROUP, kind: "Role", name: roleName },
    subjects,
  };
}
