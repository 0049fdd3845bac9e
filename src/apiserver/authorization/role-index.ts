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

const ACCOUNT = "system:serviceaccount";

export class RoleIndex {
  readonly #cache: WatchCache;
  /** By namespace; "" is the whole cluster. Undefined while something has changed. */
  #bindings: Map<string, BySubject> | undefined;

  constructor(cache: WatchCache) {
    this.#cache = cache;
    for (const kind of [ClusterRoleBinding, RoleBinding]) this.#follow(kind as unknown as Kind);
  }

  /** What a user has in the whole cluster and, if one is named, in a namespace. */
  *grantsFor(user: User, namespace: string): Generator<Grant> {
    this.#bindings ??= this.#indexed();
    yield* this.#grantsIn("", user);
    if (namespace !== "") yield* this.#grantsIn(namespace, user);
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

  *#grantsIn(namespace: string, user: User): Generator<Grant> {
    const bySubject = this.#bindings!.get(namespace);
    if (bySubject === undefined) return;
    const seen = new Set<Binding>();
    for (const key of keysOf(user)) {
      for (const { binding, subject } of bySubject.get(key) ?? []) {
        if (seen.has(binding)) continue;
        seen.add(binding);
        yield { ...this.rulesOf(binding.roleRef, namespace), binding, subject };
      }
    }
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
