/**
 * An audit policy: how much is told of which request. The first rule that fits decides; what none fits is
 * not told of at all.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/audit/policy, pkg/apis/audit/validation
 */
import type { User } from "../authenticate.ts";
import type { RequestInfo } from "../request-info.ts";

export const LEVELS = ["None", "Metadata", "Request", "RequestResponse"] as const;
export type AuditLevel = (typeof LEVELS)[number];
export const STAGES = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"] as const;
export type AuditStage = (typeof STAGES)[number];

interface GroupResources {
  group?: string;
  resources?: string[];
  resourceNames?: string[];
}

interface PolicyRule {
  level: AuditLevel;
  users?: string[];
  userGroups?: string[];
  verbs?: string[];
  resources?: GroupResources[];
  namespaces?: string[];
  nonResourceURLs?: string[];
  omitStages?: AuditStage[];
  omitManagedFields?: boolean;
}

export interface AuditPolicy {
  rules: PolicyRule[];
  omitStages?: AuditStage[];
  omitManagedFields?: boolean;
}

/** What a policy says of one request. */
export interface AuditDecision {
  level: AuditLevel;
  omitStages: ReadonlySet<AuditStage>;
  omitManagedFields: boolean;
}

const API_VERSION = "audit.k8s.io/v1";
const NOTHING: AuditDecision = { level: "None", omitStages: new Set(), omitManagedFields: false };

/** Reads what a policy file holds; throws an Error that says what is wrong with it. */
export function auditPolicyOf(value: unknown): AuditPolicy {
  const { apiVersion, kind, rules, ...rest } = (value ?? {}) as Record<string, unknown>;
  if (apiVersion !== API_VERSION || kind !== "Policy") {
    throw new Error(`no kind "${kind ?? ""}" is registered for version "${apiVersion ?? ""}"`);
  }
  const policy = { ...rest, rules: rules ?? [] } as AuditPolicy;
  if (!Array.isArray(policy.rules) || policy.rules.length === 0) {
    throw new Error("loaded illegal policy with 0 rules");
  }
  policy.rules.forEach(checkRule);
  checkStages(policy.omitStages, "omitStages");
  return policy;
}

function checkRule(rule: PolicyRule, i: number): void {
  const path = `rules[${i}]`;
  if (!rule.level) throw new Error(`${path}.level: Required value`);
  if (!LEVELS.includes(rule.level)) {
    const known = LEVELS.map((one) => JSON.stringify(one)).join(", ");
    throw new Error(
      `${path}.level: Unsupported value: ${JSON.stringify(rule.level)}: supported values: ${known}`,
    );
  }
  if (rule.nonResourceURLs?.length && (rule.resources?.length || rule.namespaces?.length)) {
    throw new Error(
      `${path}.nonResourceURLs: Invalid value: rules cannot apply to both regular resources and non-resource URLs`,
    );
  }
  checkStages(rule.omitStages, `${path}.omitStages`);
}

function checkStages(stages: AuditStage[] | undefined, path: string): void {
  const unknown = stages?.find((stage) => !STAGES.includes(stage));
  if (unknown === undefined) return;
  throw new Error(
    `${path}: Invalid value: ${JSON.stringify(unknown)}: allowed stages are ${STAGES.join(",")}`,
  );
}

export function judge(policy: AuditPolicy, user: User | undefined, info: RequestInfo) {
  const rule = policy.rules.find((one) => fits(one, user, info));
  if (rule === undefined) return NOTHING;
  return {
    level: rule.level,
    omitStages: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
    omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
  };
}

function fits(rule: PolicyRule, user: User | undefined, info: RequestInfo): boolean {
  const { users = [], userGroups = [], verbs = [], namespaces = [], resources = [] } = rule;
  if (users.length > 0 && !users.includes(user?.name ?? "")) return false;
  if (userGroups.length > 0 && !user?.groups.some((one) => userGroups.includes(one))) return false;
  if (verbs.length > 0 && !verbs.includes(info.verb)) return false;
  if (namespaces.length > 0 || resources.length > 0) return fitsResource(rule, info);
  if (rule.nonResourceURLs?.length) return fitsPath(rule.nonResourceURLs, info);
  return true;
}

function fitsPath(urls: string[], info: RequestInfo): boolean {
  if (info.isResourceRequest) return false;
  return urls.some(
    (url) =>
      url === "*" ||
      url === info.path ||
      (url.endsWith("*") && info.path.startsWith(url.slice(0, -1))),
  );
}

function fitsResource({ namespaces = [], resources = [] }: PolicyRule, info: RequestInfo): boolean {
  if (!info.isResourceRequest) return false;
  if (namespaces.length > 0 && !namespaces.includes(info.namespace)) return false;
  if (resources.length === 0) return true;
  const { resource, subresource } = info;
  const whole = subresource === "" ? resource : `${resource}/${subresource}`;
  return resources.some(({ group = "", resources: names = [], resourceNames = [] }) => {
    if (group !== info.group) return false;
    if (names.length === 0) return true;
    if (resourceNames.length > 0 && !resourceNames.includes(info.name)) return false;
    return names.some(
      (name) =>
        name === whole ||
        name === "*" ||
        (name === `${resource}/*` && subresource !== "") ||
        (subresource !== "" && name === `*/${subresource}`),
    );
  });
}
