/**
 * Whether some rules allow all that others allow: nobody may hand on what they do not have themselves.
 * Each rule is broken down to one verb, one group, one resource and one name, and each piece must be covered.
 *
 * In Kubernetes: component-helpers/auth/rbac/validation/policy_comparator.go (Covers),
 * pkg/registry/rbac/validation/policy_compact.go
 */
import type { PolicyRule } from "../../api/rbac/policy-rule.ts";

/** The pieces of `wanted` that no rule of `owned` covers, those about one resource put together again. */
export function uncoveredRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]) {
  const missing = wanted
    .flatMap(piecesOf)
    .filter((piece) => !owned.some((rule) => covers(rule, piece)));
  return compacted(missing);
}

/** `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}` */
export function describeRule(rule: PolicyRule): string {
  const parts = [
    ["APIGroups", rule.apiGroups],
    ["Resources", rule.resources],
    ["NonResourceURLs", rule.nonResourceURLs],
    ["ResourceNames", rule.resourceNames],
    ["Verbs", rule.verbs],
  ] as const;
  const shown = parts
    .filter(([, values]) => values !== undefined && values.length > 0)
    .map(([name, values]) => `${name}:[${values!.map((one) => JSON.stringify(one)).join(" ")}]`);
  return `{${shown.join(", ")}}`;
}

function piecesOf(rule: PolicyRule): PolicyRule[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const ofResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      rule.verbs.flatMap((verb) => {
        const piece = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (resourceNames.length === 0) return [piece];
        return resourceNames.map((name) => ({ ...piece, resourceNames: [name] }));
      }),
    ),
  );
  const ofPaths = nonResourceURLs.flatMap((url) =>
    rule.verbs.map((verb) => ({ verbs: [verb], nonResourceURLs: [url] })),
  );
  return [...ofResources, ...ofPaths];
}

function covers(owned: PolicyRule, piece: PolicyRule): boolean {
  if (!hasAll(owned.verbs, piece.verbs)) return false;
  const [url] = piece.nonResourceURLs ?? [];
  if (url !== undefined) return coversUrl(owned.nonResourceURLs ?? [], url);
  return (
    hasAll(owned.apiGroups, piece.apiGroups!) &&
    coversResource(owned.resources ?? [], piece.resources![0]!) &&
    coversNames(owned.resourceNames ?? [], piece.resourceNames ?? [])
  );
}

function hasAll(owned: readonly string[] | undefined, wanted: readonly string[]): boolean {
  return (owned?.includes("*") ?? false) || wanted.every((one) => owned?.includes(one));
}

function coversResource(owned: readonly string[], wanted: string): boolean {
  const [, subresource] = wanted.split("/");
  return (
    owned.includes("*") ||
    owned.includes(wanted) ||
    (subresource !== undefined && owned.includes(`*/${subresource}`))
  );
}

/** Without names it is about all; all are covered by nothing less. */
function coversNames(owned: readonly string[], wanted: readonly string[]): boolean {
  if (owned.length === 0) return true;
  return wanted.length > 0 && wanted.every((name) => owned.includes(name));
}

function coversUrl(owned: readonly string[], wanted: string): boolean {
  return owned.some(
    (url) => url === wanted || (url.endsWith("*") && wanted.startsWith(url.replace(/\*+$/, ""))),
  );
}

/** Pieces about the same resource and without names differ in their verbs only. */
function compacted(pieces: readonly PolicyRule[]): PolicyRule[] {
  const byResource = new Map<string, PolicyRule>();
  const rules: PolicyRule[] = [];
  for (const piece of pieces) {
    const key = JSON.stringify([piece.apiGroups, piece.resources, piece.resourceNames]);
    const same = piece.nonResourceURLs === undefined ? byResource.get(key) : undefined;
    if (same !== undefined) {
      if (!same.verbs.includes(piece.verbs[0]!)) same.verbs.push(piece.verbs[0]!);
      continue;
    }
    const rule = { ...piece, verbs: [...piece.verbs] };
    rules.push(rule);
    if (piece.nonResourceURLs === undefined) byResource.set(key, rule);
  }
  return rules;
}
