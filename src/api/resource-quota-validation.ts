/**
 * What a ResourceQuota may say: resources that can be counted, amounts that are not negative, and scopes
 * that exist, go together and mean something for what is counted.
 *
 * In Kubernetes: ValidateResourceQuota in pkg/apis/core/validation/validation.go
 */
import type {
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from "kubernetes-types/core/v1.js";
import { type FieldError, GoStruct, invalidValue, required } from "./field-error.ts";
import { QUOTA_SCOPES } from "./quota-scopes.ts";
import type { ResourceQuota } from "./resource-quota.ts";
import type { ResourceList } from "./resources.ts";
import {
  amountOfErrors,
  isHugePages,
  OBJECT_COUNTS,
  resourceTypeErrors,
} from "./resources-validation.ts";

/** Processors and memory in the three ways a quota may name them. */
const COMPUTE = ["", "requests.", "limits."].flatMap((prefix) => [
  `${prefix}cpu`,
  `${prefix}memory`,
]);
const STORAGE = [
  "ephemeral-storage",
  "requests.storage",
  "requests.ephemeral-storage",
  "limits.ephemeral-storage",
];
const COUNTABLE = new Set([...OBJECT_COUNTS, ...COMPUTE, ...STORAGE]);

const CONFLICTING = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
];
/** The scopes that have no values to choose from. */
const ONLY_THERE_OR_NOT = QUOTA_SCOPES.filter((scope) => scope !== "PriorityClass");
const ONLY_EXISTS =
  "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

export function validateResourceQuota({ spec, status = {} }: ResourceQuota): FieldError[] {
  return [
    ...amountErrors(spec.hard, "spec.hard"),
    ...scopesErrors(spec),
    ...(spec.scopeSelector === undefined ? [] : selectorErrors(spec)),
    ...amountErrors(status.hard, "status.hard"),
    ...amountErrors(status.used, "status.used"),
  ];
}

export function validateResourceQuotaUpdate(quota: ResourceQuota, old: ResourceQuota) {
  const scopes = (of: ResourceQuota) => JSON.stringify([...new Set(of.spec.scopes)].toSorted());
  if (scopes(quota) === scopes(old)) return [];
  return [invalidValue("spec.scopes", goScopes(quota.spec), "field is immutable")];
}

export function validateResourceQuotaStatus({ status = {} }: ResourceQuota): FieldError[] {
  return [...amountErrors(status.hard, "status.hard"), ...amountErrors(status.used, "status.used")];
}

function amountErrors(list: ResourceList = {}, path: string): FieldError[] {
  return Object.entries(list).flatMap(([name, amount]) => {
    const at = `${path}[${name}]`;
    return [...nameErrors(name, at), ...amountOfErrors(name, amount, at)];
  });
}

function nameErrors(name: string, path: string): FieldError[] {
  const errors = resourceTypeErrors(name, path);
  if (name.includes("/") || isCountable(name)) return errors;
  return [...errors, invalidValue(path, name, "must be a standard resource for quota")];
}

function isCountable(name: string): boolean {
  return COUNTABLE.has(name) || isHugePages(name.replace(/^requests\./, ""));
}

function scopesErrors(spec: ResourceQuotaSpec): FieldError[] {
  const { scopes = [] } = spec;
  const wrong = (why: string) => invalidValue("spec.scopes", goScopes(spec), why);
  return [
    ...scopes.flatMap((scope) => [
      ...(QUOTA_SCOPES.includes(scope) ? [] : [wrong("unsupported scope")]),
      ...namesOutOf(scope, spec).map(() => wrong("unsupported scope applied to resource")),
    ]),
    ...conflictsAmong(scopes).map(() => wrong("conflicting scopes")),
  ];
}

function selectorErrors(spec: ResourceQuotaSpec): FieldError[] {
  const path = "spec.scopeSelector.matchExpressions";
  const { matchExpressions = [] } = spec.scopeSelector!;
  const scopes = matchExpressions.map(({ scopeName }) => scopeName);
  return [
    ...matchExpressions.flatMap((one) => [
      ...(QUOTA_SCOPES.includes(one.scopeName)
        ? []
        : [invalidValue(`${path}.scopeName`, one.scopeName, "unsupported scope")]),
      ...namesOutOf(one.scopeName, spec).map(() =>
        invalidValue(path, goSelector(matchExpressions), "unsupported scope applied to resource"),
      ),
      ...operatorErrors(one, path),
    ]),
    ...conflictsAmong(scopes).map(() => invalidValue(path, goScopes(spec), "conflicting scopes")),
  ];
}

function operatorErrors(
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const at = `${path}.operator`;
  if (ONLY_THERE_OR_NOT.includes(scopeName) && operator !== "Exists") {
    errors.push(invalidValue(at, operator, ONLY_EXISTS));
  }
  if (operator === "In" || operator === "NotIn") {
    const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    if (values.length === 0) errors.push(required(`${path}.values`, why));
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    if (values.length > 0) errors.push(invalidValue(`${path}.values`, values, why));
  } else {
    errors.push(invalidValue(at, operator, "not a valid selector operator"));
  }
  return errors;
}

/** Scopes are about pods: of a quota with one, only pods and what they ask for can be counted. */
function namesOutOf(scope: string, { hard = {} }: ResourceQuotaSpec): string[] {
  if (!QUOTA_SCOPES.includes(scope)) return [];
  const fits = scope === "BestEffort" ? ["pods"] : ["pods", ...COMPUTE];
  return Object.keys(hard).filter((name) => isCountable(name) && !fits.includes(name));
}

function conflictsAmong(scopes: readonly string[]): string[][] {
  return CONFLICTING.filter((pair) => pair.every((scope) => scopes.includes(scope)));
}

function goScopes({ scopes = [] }: ResourceQuotaSpec): GoStruct {
  if (scopes.length === 0) return new GoStruct("[]core.ResourceQuotaScope(nil)", {}, "");
  const items = scopes.map((scope) => JSON.stringify(scope)).join(", ");
  return new GoStruct("[]core.ResourceQuotaScope", {}, `{${items}}`);
}

function goSelector(expressions: ScopedResourceSelectorRequirement[]): GoStruct {
  const type = "core.ScopedResourceSelectorRequirement";
  const items = expressions.map(({ scopeName, operator, values = [] }) => ({
    ScopeName: scopeName,
    Operator: operator,
    Values: values,
  }));
  return new GoStruct("core.ScopeSelector", { MatchExpressions: GoStruct.listOf(type, items) });
}
