/**
 * The scopes of a quota: which pods it is about. A quota with a scope counts pods that match all of its
 * scopes, and nothing but pods.
 *
 * In Kubernetes: podMatchesScopeFunc in pkg/quota/v1/evaluator/core/pods.go
 */
import type {
  PodSpec,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from "kubernetes-types/core/v1.js";
import type { Kind, KubeObject } from "./kind.ts";
import type { Pod } from "./pod.ts";
import { qosClassOf } from "./resources.ts";

export const QUOTA_SCOPES: readonly string[] = [
  "Terminating",
  "NotTerminating",
  "BestEffort",
  "NotBestEffort",
  "PriorityClass",
  "CrossNamespacePodAffinity",
];

export function matchesScopes(spec: ResourceQuotaSpec, kind: Kind, obj: KubeObject): boolean {
  const requirements = requirementsOf(spec);
  if (requirements.length === 0) return true;
  if (kind.plural !== "pods" || kind.group !== "") return false;
  return requirements.every((requirement) => matchesScope(requirement, (obj as Pod).spec));
}

function requirementsOf({ scopes = [], scopeSelector }: ResourceQuotaSpec) {
  const plain = scopes.map((scopeName) => ({ scopeName, operator: "Exists" }));
  return [...plain, ...(scopeSelector?.matchExpressions ?? [])];
}

function matchesScope(requirement: ScopedResourceSelectorRequirement, spec: PodSpec): boolean {
  switch (requirement.scopeName) {
    case "Terminating":
      return hasDeadline(spec);
    case "NotTerminating":
      return !hasDeadline(spec);
    case "BestEffort":
      return qosClassOf(spec) === "BestEffort";
    case "NotBestEffort":
      return qosClassOf(spec) !== "BestEffort";
    case "PriorityClass":
      return matchesPriority(requirement, spec.priorityClassName ?? "");
    case "CrossNamespacePodAffinity":
      return asksAcrossNamespaces(spec);
    default:
      return false;
  }
}

function hasDeadline({ activeDeadlineSeconds }: PodSpec): boolean {
  return activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0;
}

function matchesPriority(
  { operator, values = [] }: ScopedResourceSelectorRequirement,
  name: string,
): boolean {
  if (operator === "Exists") return name !== "";
  if (operator === "DoesNotExist") return name === "";
  return operator === "In" ? values.includes(name) : !values.includes(name);
}

function asksAcrossNamespaces({ affinity = {} }: PodSpec): boolean {
  const { podAffinity = {}, podAntiAffinity = {} } = affinity;
  const terms = [podAffinity, podAntiAffinity].flatMap((one) => [
    ...(one.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(one.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ podAffinityTerm }) => podAffinityTerm,
    ),
  ]);
  return terms.some(
    ({ namespaces = [], namespaceSelector }) =>
      namespaces.length > 0 || namespaceSelector !== undefined,
  );
}
