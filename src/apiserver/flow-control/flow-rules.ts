/**
 * Whether a FlowSchema is about a request: one of its rules names who asks and what for.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/util/flowcontrol/rule.go
 */
import type {
  FlowSchema,
  PolicyRulesWithSubjects,
  Subject,
} from "../../api/flowcontrol/flow-schema.ts";
import { accountOf } from "../../api/service-account-user.ts";
import type { User } from "../authenticate.ts";
import type { RequestInfo } from "../request-info.ts";

/** The rules of a schema that name the user. */
export function rulesFor(user: User, { spec }: FlowSchema): PolicyRulesWithSubjects[] {
  return (spec.rules ?? []).filter(({ subjects }) => subjects.some((one) => names(one, user)));
}

function names({ kind, user, group, serviceAccount }: Subject, asker: User): boolean {
  if (kind === "User") return user?.name === "*" || user?.name === asker.name;
  if (kind === "Group") return group?.name === "*" || asker.groups.includes(group?.name ?? "");
  const account = accountOf(asker.name);
  if (account === undefined || account.namespace !== serviceAccount?.namespace) return false;
  return serviceAccount.name === "*" || serviceAccount.name === account.name;
}

export function isAbout(rule: PolicyRulesWithSubjects, info: RequestInfo): boolean {
  const { resourceRules = [], nonResourceRules = [] } = rule;
  if (info.isResourceRequest) return resourceRules.some((one) => isAboutResource(one, info));
  return nonResourceRules.some(
    ({ verbs, nonResourceURLs }) =>
      has(verbs, info.verb) && nonResourceURLs.some((url) => isUnder(url, info.path)),
  );
}

type ResourceRule = NonNullable<PolicyRulesWithSubjects["resourceRules"]>[number];

function isAboutResource(rule: ResourceRule, info: RequestInfo): boolean {
  const { verbs, apiGroups, resources, namespaces = [], clusterScope = false } = rule;
  const { verb, group, resource, subresource, namespace } = info;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const isWhere = namespace === "" ? clusterScope : has(namespaces, namespace);
  return has(verbs, verb) && has(apiGroups, group) && has(resources, what) && isWhere;
}

function has(values: readonly string[], value: string): boolean {
  return values.includes("*") || values.includes(value);
}

function isUnder(url: string, path: string): boolean {
  if (url === "*" || url === path) return true;
  return url.endsWith("/*") && path.startsWith(url.slice(0, -1));
}
