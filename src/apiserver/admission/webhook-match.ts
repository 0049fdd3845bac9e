/**
 * Whether a webhook or a policy is about a request: its rules, and the labels of the object and of its
 * namespace. With matchPolicy Equivalent also, if the rules name another version of the same resource: then the
 * object is shown in that version. So it is with another group that has the same objects (events).
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/predicates
 */
import type {
  MatchResources,
  NamedRule,
} from "../../api/admissionregistration/validating-admission-policy.ts";
import { notFound } from "../../api/errors.ts";
import type { Kind, KubeObject } from "../../api/kind.ts";
import { type LabelMatcher, labelMatcher } from "../../api/labels.ts";
import { Namespace } from "../../api/namespace.ts";
import type { Resources } from "../resources.ts";
import type { Store } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { AdmissionRequest } from "./admission.ts";
import { findObject } from "./stored-object-lookup.ts";

export interface MatchSurroundings {
  store: Store;
  cache: WatchCache;
  resources: Resources;
}

export interface Matcher {
  rules: NamedRule[];
  excluded: NamedRule[];
  isExact: boolean;
  ofNamespace: LabelMatcher | undefined;
  ofObject: LabelMatcher | undefined;
}

const OPERATIONS = { create: "CREATE", update: "UPDATE", delete: "DELETE", connect: "CONNECT" };
const CONFIGURATIONS = "admissionregistration.k8s.io";

/** Who decides about writes could otherwise make itself undeletable. */
export function isExempt({ kind }: AdmissionRequest): boolean {
  return kind.group === CONFIGURATIONS;
}

export function operationOf({ verb }: AdmissionRequest): string {
  return OPERATIONS[verb];
}

export function matcherOf(match: MatchResources): Matcher {
  const { resourceRules = [], excludeResourceRules = [], matchPolicy } = match;
  return {
    rules: resourceRules,
    excluded: excludeResourceRules,
    isExact: matchPolicy === "Exact",
    ofNamespace: unlessEmpty(match.namespaceSelector),
    ofObject: unlessEmpty(match.objectSelector),
  };
}

function unlessEmpty(selector: MatchResources["namespaceSelector"]): LabelMatcher | undefined {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  const isEmpty = Object.keys(matchLabels).length + matchExpressions.length === 0;
  return isEmpty ? undefined : labelMatcher(selector);
}

/** The kind it is to be shown as; undefined: it is not about this request. */
export async function match(
  matcher: Matcher,
  request: AdmissionRequest,
  surroundings: MatchSurroundings,
): Promise<Kind | undefined> {
  if (matcher.excluded.length > 0 && kindFor(matcher.excluded, matcher, request, surroundings)) {
    return undefined;
  }
  const kind = kindFor(matcher.rules, matcher, request, surroundings);
  if (kind === undefined || !matchesObject(matcher, request)) return undefined;
  return (await matchesNamespace(matcher, request, surroundings)) ? kind : undefined;
}

/** A binding without rules is about all its policy is about. */
export async function matchesAll(
  matcher: Matcher,
  request: AdmissionRequest,
  surroundings: MatchSurroundings,
): Promise<boolean> {
  const all: NamedRule = {
    apiGroups: ["*"],
    apiVersions: ["*"],
    resources: ["*", "*/*"],
    operations: ["*"],
  };
  const rules = matcher.rules.length === 0 ? [all] : matcher.rules;
  return (await match({ ...matcher, rules }, request, surroundings)) !== undefined;
}

function kindFor(
  rules: NamedRule[],
  { isExact }: Matcher,
  request: AdmissionRequest,
  { resources }: MatchSurroundings,
): Kind | undefined {
  const { kind: written, askedAs = written } = request;
  const fits = (kind: Kind) => rules.some((rule) => ruleMatches(rule, request, kind));
  if (fits(askedAs)) return askedAs;
  if (isExact) return undefined;
  return resources.all.find((kind) => areEquivalent(kind, written) && fits(kind));
}

/** The same objects, seen in another version, or in another group. */
function areEquivalent(a: Kind, b: Kind): boolean {
  if (a.custom && b.custom) return a.group === b.group && a.plural === b.plural;
  return (a.storedAs?.kind ?? a) === (b.storedAs?.kind ?? b);
}

function ruleMatches(rule: NamedRule, request: AdmissionRequest, kind: Kind): boolean {
  const { operations, apiGroups, apiVersions, resources = [], resourceNames = [], scope } = rule;
  const { namespace, subresource, name } = request;
  const actual = namespace !== "" && kind.namespaced ? "Namespaced" : "Cluster";
  return (
    includes(operations, operationOf(request)) &&
    includes(apiGroups, kind.group) &&
    includes(apiVersions, kind.version) &&
    (scope === undefined || scope === "*" || scope === actual) &&
    (resourceNames.length === 0 || resourceNames.includes(name)) &&
    resources.some((one) => resourceMatches(one, kind.plural, subresource))
  );
}

function includes(values: string[] = [], wanted: string): boolean {
  return values.includes("*") || values.includes(wanted);
}

function resourceMatches(text: string, plural: string, subresource: string): boolean {
  const [resource = "", sub = ""] = text.split("/", 2);
  return (resource === "*" || resource === plural) && (sub === "*" || sub === subresource);
}

function matchesObject({ ofObject }: Matcher, { object, oldObject }: AdmissionRequest): boolean {
  if (ofObject === undefined) return true;
  return [object, oldObject].some(
    (one) => one?.metadata !== undefined && ofObject(one.metadata.labels),
  );
}

async function matchesNamespace(
  { ofNamespace }: Matcher,
  request: AdmissionRequest,
  surroundings: MatchSurroundings,
): Promise<boolean> {
  if (ofNamespace === undefined) return true;
  const namespace = await namespaceOf(request, surroundings);
  return namespace === undefined || ofNamespace(namespace.metadata.labels);
}

/** Of a namespace itself, the namespace; of what is in none, nothing. */
export async function namespaceOf(
  { kind, namespace, object, oldObject }: AdmissionRequest,
  surroundings: MatchSurroundings,
): Promise<KubeObject | undefined> {
  if (kind.group === "" && kind.plural === "namespaces") return object ?? oldObject;
  if (namespace === "") return undefined;
  const found = await findObject(Namespace as unknown as Kind, "", namespace, surroundings);
  if (found === undefined) throw notFound(Namespace, namespace);
  return found;
}
