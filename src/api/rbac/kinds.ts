/** The kinds of rbac.authorization.k8s.io: roles and who has them. */
import type { Kind } from "../kind.ts";
import { ClusterRole } from "./cluster-role.ts";
import { ClusterRoleBinding } from "./cluster-role-binding.ts";
import { Role } from "./role.ts";
import { RoleBinding } from "./role-binding.ts";

export const rbacKinds: readonly Kind[] = [ClusterRole, ClusterRoleBinding, Role, RoleBinding];
