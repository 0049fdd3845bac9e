/**
 * Roles and bindings, found by whom they are for. The index is made anew when somebody asks after a role or
 * binding has changed; between changes, finding what a user may do is one look-up for each of its names.
 *
 * In Kubernetes: DefaultRuleResolver in pkg/registry/rbac/validation/rule.go. Differs: it goes through all bindings.
 */
import { type Kind, storageKey } from "../../api/kind.ts";
import { ClusterRole } from "../../api/rbac/cluster-role.ts";
import { ClusterRoleBinding } from "../../api/rbac/cluster-role-binding.ts";
import type { PolicyRule } from "../../api/rbac/policy-rule.ts";
import { Role } from "../../api/rbac/role.ts";
import { RoleBinding } from "../../api/rbac/role-binding.ts";
import type { RoleRef, Subject } from "../../api/rbac/subject-validation.ts";
import type { User } from "../authenticate.ts";
import type { WatchCache } from "../storage/watch-cache.ts";

/** A role somebody has, and by what. */
export interface Grant {
  rules: readonly PolicyRule[];
  binding: ClusterRoleBinding | RoleBinding;
  subject: Subject;
  /** Why the role cannot be read; then there are no rules. */
  error?: string;
}

type Binding = ClusterRoleBinding | RoleBinding;
/** By "User:jane", "Group:admins": the binding and which of its subjects that is. */
type BySubject = Map<string, { binding: Binding; subject: Subject }[]>;

/** A change of any of these makes what was found out of date. */
const KINDS = [ClusterRoleBinding, RoleBinding, ClusterRole, Role] as unknown as Kind[];
const FOUND_MAX = 10_000;
const ACCOUNT = "system:serviceaccount";

export class RoleIndex {
  readonly #cache: WatchCache;
  /** By namespace; "" is the whole cluster. Undefined while something has changed. */
  #bindings: Map<string, BySubject> | undefined;
  /** What was found for a user in a namespace since the last change. */
  #found = new Map<string, readonly Grant[]>();

  constructor(cache: WatchCache) {
    this.#cache = cache;
    for (const kind of KINDS) this.#follow(kind);
  }

  /** What a user has in the whole cluster and, if one is named, in a namespace. */
  grantsFor(user: User, namespace: string): readonly Grant[] {
    const key = `${namespace}\n${user.name}\n${user.groups.join("\n")}`;
    let grants = this.#found.get(key);
    if (grants === undefined) {
      this.#bindings ??= this.#indexed();
      const everywhere = this.#grantsIn("", user);
      grants = namespace === "" ? everywhere : [...everywhere, ...this.#grantsIn(namespace, user)];
      if (this.#found.size >= FOUND_MAX) this.#found.clear();
      this.#found.set(key, grants);
    }
    return grants;
  }

  /** The rules of a role, or why it cannot be read. */
  rulesOf(ref: RoleRef, namespace: string): { rules: readonly PolicyRule[]; error?: string } {
    const isRole = ref.kind === "Role";
    const kind = (isRole ? Role : ClusterRole) as unknown as Kind;
    const key = storageKey(kind, isRole ? namespace : "", ref.name);
    const found = this.#cache.resource(storageKey(kind)).get(key);
    if (found !== undefined) return { rules: (found.object as ClusterRole).rules ?? [] };
    const what = `${ref.kind.toLowerCase()}.rbac.authorization.k8s.io`;
    return { rules: [], error: `${what} ${JSON.stringify(ref.name)} not found` };
  }

  #grantsIn(namespace: string, user: User): Grant[] {
    const bySubject = this.#bindings!.get(namespace);
    const grants: Grant[] = [];
    if (bySubject === undefined) return grants;
    const seen = new Set<Binding>();
    for (const key of keysOf(user)) {
      for (const { binding, subject } of bySubject.get(key) ?? []) {
        if (seen.has(binding)) continue;
        seen.add(binding);
        grants.push({ ...this.rulesOf(binding.roleRef, namespace), binding, subject });
      }
    }
    return grants;
  }

  #indexed(): Map<string, BySubject> {
    const bindings = new Map<string, BySubject>();
    for (const kind of [ClusterRoleBinding, RoleBinding]) {
      for (const { object } of this.#cache.resource(storageKey(kind as unknown as Kind)).list()
        .items) {
        const binding = object as Binding;
        const namespace = binding.metadata.namespace ?? "";
        const bySubject: BySubject = bindings.get(namespace) ?? new Map();
        bindings.set(namespace, bySubject);
        for (const subject of binding.subjects ?? []) {
          const key = keyOf(subject, namespace);
          const others = bySubject.get(key);
          if (others) others.push({ binding, subject });
          else bySubject.set(key, [{ binding, subject }]);
        }
      }
    }
    return bindings;
  }

  #follow(kind: Kind): void {
    const forget = () => {
      this.#bindings = undefined;
      this.#found.clear();
    };
    const resource = this.#cache.resource(storageKey(kind));
    resource.watch(resource.revision, {
      onEvents: forget,
      onError: () => {
        forget();
        // After those that are being told now, or this one would be told again.
        queueMicrotask(() => !this.#cache.isStopped && this.#follow(kind));
      },
    });
  }
}

/** A service account of a RoleBinding that names no namespace is one of the binding's own. */
function keyOf({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  if (kind !== "ServiceAccount") return `${kind}:${name}`;
  return `User:${ACCOUNT}:${namespace || bindingNamespace}:${name}`;
}

function keysOf({ name, groups }: User): string[] {
  return [`User:${name}`, ...groups.map((group) => `Group:${group}`)];
}
