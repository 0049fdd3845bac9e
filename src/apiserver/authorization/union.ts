/**
 * Several authorizers, asked in the order of --authorization-mode: the first that allows or denies decides.
 * Whoever is of system:masters is asked nothing: that is the way back in for who has locked themselves out.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/authorization/union, and authorizerfactory's NewPrivilegedGroups
 */
import type { User } from "../authenticate.ts";
import { ALLOWED, type Attributes, type Authorizer, type Decision } from "../authorize.ts";

export const MASTERS = "system:masters";

export function unionOf(authorizers: readonly Authorizer[]): Authorizer {
  return (user, attributes) => {
    if (user.groups.includes(MASTERS)) return ALLOWED;
    return ask(authorizers, user, attributes);
  };
}

/** Waits only where one of them has to: most answer at once. */
function ask(
  authorizers: readonly Authorizer[],
  user: User,
  attributes: Attributes,
  reasons: readonly string[] = [],
): Decision | Promise<Decision> {
  const [first, ...rest] = authorizers;
  if (first === undefined) return { allowed: false, reason: reasons.join("\n") };
  const goOn = (decision: Decision): Decision | Promise<Decision> => {
    if (decision.allowed || decision.isFinal) return decision;
    const { reason } = decision;
    return ask(rest, user, attributes, reason === "" ? reasons : [...reasons, reason]);
  };
  const decision = first(user, attributes);
  return decision instanceof Promise ? decision.then(goOn) : goOn(decision);
}
