/**
 * RBAC: somebody may do what the rules of their roles allow, and nothing else. It never denies for good, for
 * a rule can only allow.
 *
 * In Kubernetes: plugin/pkg/auth/authorizer/rbac/rbac.go
 */
import { type Authorizer, type Decision, NO_OPINION } from "../authorize.ts";
import type { Grant, RoleIndex } from "./role-index.ts";
import { ruleAllows } from "./rule-match.ts";

export function rbacAuthorizer(roles: RoleIndex): Authorizer {
  return (user, attributes): Decision => {
    const errors: string[] = [];
    for (const grant of roles.grantsFor(user, attributes.namespace)) {
      if (grant.rules.some((rule) => ruleAllows(rule, attributes))) {
        return { allowed: true, explain: () => `RBAC: allowed by ${sourceOf(grant)}` };
      }
      if (grant.error !== undefined) errors.push(grant.error);
    }
    return errors.length === 0
      ? NO_OPINION
      : { allowed: false, reason: `RBAC: ${aggregate(errors)}` };
  };
}

/** Several errors as Go's aggregate prints them, each once. */
export function aggregate(errors: readonly string[]): string {
  const once = [...new Set(errors)];
  return once.length === 1 ? once[0]! : `[${once.join(", ")}]`;
}

/** `RoleBinding "read/default" of Role "reader" to User "jane"` */
function sourceOf({ binding, subject }: Grant): string {
  const { name, namespace } = binding.metadata;
  const from = namespace === undefined ? name : `${name}/${namespace}`;
  const { kind, name: role } = binding.roleRef;
  const isAccount = subject.kind === "ServiceAccount";
  const who = isAccount ? `${subject.name}/${subject.namespace || namespace}` : subject.name;
  return `${binding.kind} ${JSON.stringify(from)} of ${kind} ${JSON.stringify(role)} to ${subject.kind} ${JSON.stringify(who)}`;
}
