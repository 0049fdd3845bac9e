/**
 * Makes the default roles and bindings at every start: what is missing is made, and what a role of the system
 * has lost is put back, unless its annotation says to leave it alone. What somebody has added stays.
 *
 * In Kubernetes: pkg/registry/rbac/rest/storage_rbac.go, and component-helpers/auth/rbac/reconciliation.
 */
import { isAlreadyExists, isNotFound } from "../../api/errors.ts";
import type { Kind, KubeObject } from "../../api/kind.ts";
import { ClusterRole } from "../../api/rbac/cluster-role.ts";
import { ClusterRoleBinding } from "../../api/rbac/cluster-role-binding.ts";
import { Role } from "../../api/rbac/role.ts";
import { RoleBinding } from "../../api/rbac/role-binding.ts";
import type { Subject } from "../../api/rbac/subject-validation.ts";
import { THE_SERVER_ITSELF } from "../admission/admission.ts";
import type { Registry } from "../registry.ts";
import { controllerRoles } from "./controller-roles.ts";
import {
  defaultClusterRoleBindings,
  defaultNamespacedRoles,
  defaultRoleBindings,
} from "./default-bindings.ts";
import { defaultRoles } from "./default-roles.ts";
import { uncoveredRules } from "./rule-cover.ts";

const AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate";

type AnyRole = Role | ClusterRole;
type AnyBinding = RoleBinding | ClusterRoleBinding;

export async function reconcilePolicy(registry: Registry): Promise<void> {
  const of = (kind: unknown, objects: KubeObject[]) =>
    objects.map((wanted) => reconcile(registry, kind as Kind, wanted));
  await Promise.all([
    ...of(ClusterRole, [...defaultRoles(), ...controllerRoles()]),
    ...of(ClusterRoleBinding, defaultClusterRoleBindings()),
    ...of(Role, defaultNamespacedRoles()),
    ...of(RoleBinding, defaultRoleBindings()),
  ]);
}

/** Read first: after a restart nearly everything is there. Another API server may be doing the same. */
async function reconcile(registry: Registry, kind: Kind, wanted: KubeObject): Promise<void> {
  const { name, namespace = "" } = wanted.metadata;
  const target = { kind, namespace, name, subresource: "" };
  try {
    const current = await registry.get(kind, namespace, name);
    if (JSON.stringify(mended(current, wanted)) === JSON.stringify(current)) return;
    await registry.update(target, (now) => mended(now!, wanted), THE_SERVER_ITSELF);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await registry.create(kind, namespace, wanted, THE_SERVER_ITSELF).catch(unlessThere);
  }
}

function unlessThere(error: unknown): void {
  if (!isAlreadyExists(error)) throw error;
}

/** What is there, with what it has lost. */
function mended(current: KubeObject, wanted: KubeObject): KubeObject {
  if (current.metadata.annotations?.[AUTO_UPDATE] === "false") return current;
  const { labels, annotations } = current.metadata;
  const metadata = {
    ...current.metadata,
    labels: { ...wanted.metadata.labels, ...labels },
    annotations: { ...wanted.metadata.annotations, ...annotations },
  };
  if ("roleRef" in wanted) return { ...withSubjects(current as AnyBinding, wanted), metadata };
  const { aggregationRule } = wanted as ClusterRole;
  if (aggregationRule !== undefined) return { ...current, aggregationRule, metadata } as KubeObject;
  return { ...withRules(current as AnyRole, wanted as AnyRole), metadata };
}

function withRules<T extends AnyRole>(current: T, wanted: AnyRole): T {
  const missing = uncoveredRules(current.rules ?? [], wanted.rules ?? []);
  return missing.length === 0
    ? current
    : { ...current, rules: [...(current.rules ?? []), ...missing] };
}

function withSubjects(current: AnyBinding, wanted: KubeObject): AnyBinding {
  const had = new Set((current.subjects ?? []).map(keyOf));
  const missing = ((wanted as AnyBinding).subjects ?? []).filter((one) => !had.has(keyOf(one)));
  if (missing.length === 0) return current;
  return { ...current, subjects: [...(current.subjects ?? []), ...missing] };
}

function keyOf({ kind, namespace = "", name }: Subject): string {
  return `${kind}/${namespace}/${name}`;
}
