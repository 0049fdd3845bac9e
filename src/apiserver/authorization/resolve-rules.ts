/**
 * All that a user may do in a namespace, as far as it can be listed: what roles allow can be, what a webhook
 * or the Node authorizer would say cannot.
 *
 * In Kubernetes: RulesFor of each authorizer, and staging/src/k8s.io/apiserver/pkg/authorization/union
 */
import type { SubjectRulesReviewStatus } from "kubernetes-types/authorization/v1.js";
import type { PolicyRule } from "../../api/rbac/policy-rule.ts";
import type { User } from "../authenticate.ts";
import { aggregate } from "./rbac.ts";
import type { RoleIndex } from "./role-index.ts";
import { MASTERS } from "./union.ts";

export type RuleResolver = (user: User, namespace: string) => SubjectRulesReviewStatus;

/** What one authorizer can tell. */
export type PartialResolver = (
  user: User,
  namespace: string,
) => { rules: readonly PolicyRule[]; errors?: readonly string[]; isIncomplete?: boolean };

const EVERYTHING: PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

export const everythingAllowed: PartialResolver = () => ({ rules: EVERYTHING });
export const nothingAllowed: PartialResolver = () => ({ rules: [] });

export function rulesOfRoles(roles: RoleIndex): PartialResolver {
  return (user, namespace) => {
    const grants = [...roles.grantsFor(user, namespace)];
    return {
      rules: grants.flatMap(({ rules }) => [...rules]),
      errors: grants.flatMap(({ error }) => error ?? []),
    };
  };
}

export function resolverOf(resolvers: readonly PartialResolver[]): RuleResolver {
  return (user, namespace) => {
    const masters = user.groups.includes(MASTERS) ? [everythingAllowed] : [];
    const parts = [...masters, ...resolvers].map((resolve) => resolve(user, namespace));
    const rules = parts.flatMap((part) => [...part.rules]);
    const errors = parts.flatMap((part) => [...(part.errors ?? [])]);
    return {
      resourceRules: rules.filter(({ resources }) => resources?.length).map(resourceRule),
      nonResourceRules: rules.filter((rule) => rule.nonResourceURLs?.length).map(pathRule),
      incomplete: errors.length > 0 || parts.some(({ isIncomplete }) => isIncomplete),
      ...(errors.length === 0 ? {} : { evaluationError: aggregate(errors) }),
    };
  };
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): PolicyRule {
  return {
    verbs,
    ...(apiGroups && { apiGroups }),
    ...(resources && { resources }),
    ...(resourceNames && { resourceNames }),
  };
}

function pathRule({ verbs, nonResourceURLs }: PolicyRule): PolicyRule {
  return { verbs, ...(nonResourceURLs && { nonResourceURLs }) };
}
