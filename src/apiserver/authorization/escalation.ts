/**
 * Nobody hands on what they do not have: who writes a role must be allowed all that it allows, or to
 * "escalate" that role; who writes a binding must be allowed all that its role allows, or to "bind" it.
 *
 * In Kubernetes: pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased/storage.go,
 * pkg/registry/rbac/escalation_check.go
 */
import { forbiddenRequest, notFound } from "../../api/errors.ts";
import type { Kind, KubeObject } from "../../api/kind.ts";
import { type PolicyRule, RBAC_GROUP } from "../../api/rbac/policy-rule.ts";
import type { Binding, RoleRef } from "../../api/rbac/subject-validation.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission/admission.ts";
import type { User } from "../authenticate.ts";
import type { Authorizer } from "../authorize.ts";
import { aggregate } from "./rbac.ts";
import type { RoleIndex } from "./role-index.ts";
import { describeRule, uncoveredRules } from "./rule-cover.ts";
import { MASTERS } from "./union.ts";

interface Roles {
  rules?: PolicyRule[] | null;
  aggregationRule?: unknown;
}

const ROLE_KINDS = new Set(["Role", "ClusterRole"]);
const BINDING_KINDS = new Set(["RoleBinding", "ClusterRoleBinding"]);

export function escalationCheck(roles: RoleIndex, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: "PrivilegeEscalation",
    async admit(request) {
      const { kind, object, oldObject, user } = request;
      if (kind.group !== RBAC_GROUP || object === undefined) return;
      if (user.groups.includes(MASTERS)) return;
      if (oldObject !== undefined && isOnlyForCollector(object, oldObject)) return;
      if (ROLE_KINDS.has(kind.kind)) await checkRole(request, object, roles, authorizer);
      if (BINDING_KINDS.has(kind.kind)) await checkBinding(request, object, roles, authorizer);
    },
  };
}

async function checkRole(
  request: AdmissionRequest,
  object: KubeObject,
  roles: RoleIndex,
  authorizer: Authorizer,
): Promise<void> {
  const { rules, aggregationRule } = object as Roles;
  const old = request.oldObject as Roles | undefined;
  const isSame = old !== undefined && JSON.stringify(old.rules) === JSON.stringify(rules);
  const isGatheredAlike = JSON.stringify(old?.aggregationRule) === JSON.stringify(aggregationRule);
  if (isSame && isGatheredAlike) return;
  const { kind, namespace, name } = request;
  if (await isAllowed(authorizer, request.user, "escalate", kind, namespace, name)) return;
  // Who chooses the roles to gather could gather anything.
  const everything: PolicyRule[] = [
    { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
    { verbs: ["*"], nonResourceURLs: ["*"] },
  ];
  const gathered = aggregationRule === undefined || isGatheredAlike ? [] : everything;
  confirm(request, [...(rules ?? []), ...gathered], roles);
}

async function checkBinding(
  request: AdmissionRequest,
  object: KubeObject,
  roles: RoleIndex,
  authorizer: Authorizer,
): Promise<void> {
  const { roleRef } = object as KubeObject & Binding;
  const { user, namespace } = request;
  const resource = resourceOf(roleRef);
  if (resource === undefined) return;
  if (await isAllowed(authorizer, user, "bind", resource, namespace, roleRef.name)) return;
  const { rules, error } = roles.rulesOf(roleRef, namespace);
  if (error !== undefined) throw notFound(resource, roleRef.name);
  confirm(request, rules, roles);
}

/** Refuses in the original's words where some of the rules are not the user's own. */
function confirm(request: AdmissionRequest, rules: readonly PolicyRule[], roles: RoleIndex): void {
  const { user, namespace, name, kind } = request;
  const grants = [...roles.grantsFor(user, namespace)];
  const owned = grants.flatMap((grant) => [...grant.rules]);
  const missing = uncoveredRules(owned, rules);
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(" ");
  const list = [...new Set(missing.map(describeRule))].toSorted().join("\n");
  const errors = grants.flatMap(({ error }) => error ?? []);
  const unread = errors.length === 0 ? "" : `; resolution errors: [${aggregate(errors)}]`;
  const why = `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${list}${unread}`;
  throw forbiddenRequest(kind, name, why);
}

async function isAllowed(
  authorizer: Authorizer,
  user: User,
  verb: string,
  { group, version, plural }: Pick<Kind, "group" | "version" | "plural">,
  namespace: string,
  name: string,
): Promise<boolean> {
  const decision = await authorizer(user, {
    ...{ isResourceRequest: true, verb, group, version, resource: plural },
    ...{ subresource: "", namespace, name, path: "" },
  });
  return decision.allowed;
}

function resourceOf({ kind, apiGroup: group }: RoleRef) {
  const plural = kind === "Role" ? "roles" : kind === "ClusterRole" ? "clusterroles" : undefined;
  return plural === undefined ? undefined : { group: group || RBAC_GROUP, version: "*", plural };
}

/** The garbage collector must be able to take its finalizers and owners off anything. */
function isOnlyForCollector(object: KubeObject, old: KubeObject): boolean {
  return withoutCollectors(object) === withoutCollectors(old);
}

function withoutCollectors({ metadata, ...rest }: KubeObject): string {
  const { ownerReferences: _, finalizers: __, managedFields: ___, ...kept } = metadata;
  return JSON.stringify([Object.entries(kept).toSorted(), Object.entries(rest).toSorted()]);
}
