/** The kinds of rbac.authorization.k8s.io: roles and who has them. */
import type { Kind } from "../kind.ts";

export const rbacKinds: readonly Kind[] = [];
