/**
 * --authorization-mode=ABAC: a file with a policy in each line, each of which allows somebody something. So it
 * was done before there was RBAC, and in the course's days:
 *
 *   {"user":"alice"}
 *   {"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{"user":"bob","namespace":"shop",
 *    "resource":"pods","readonly":true}}
 *
 * In Kubernetes: pkg/auth/authorizer/abac, pkg/apis/abac/{v0,v1beta1}
 */
import type { PolicyRule } from "../../api/rbac/policy-rule.ts";
import type { User } from "../authenticate.ts";
import { ALLOWED, type Attributes, type Authorizer } from "../authorize.ts";
import type { PartialResolver } from "./resolve-rules.ts";

export interface AbacPolicy {
  user: string;
  group: string;
  readonly: boolean;
  namespace: string;
  resource: string;
  apiGroup: string;
  nonResourcePath: string;
}

const API_VERSION = "abac.authorization.kubernetes.io/v1beta1";
const AUTHENTICATED = "system:authenticated";
const READS = new Set(["get", "list", "watch"]);

/** Throws an Error that names the line. */
export function readPolicies(text: string, path: string): AbacPolicy[] {
  return text.split("\n").flatMap((line, i) => {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) return [];
    try {
      return [policyOf(JSON.parse(trimmed) as Record<string, unknown>)];
    } catch (error) {
      const why = (error as Error).message;
      throw new Error(`error reading policy file ${path}, line ${i + 1}: ${line}: ${why}`);
    }
  });
}

export function abacAuthorizer(policies: readonly AbacPolicy[]): Authorizer {
  return (user, attributes) =>
    policies.some((policy) => matches(policy, user, attributes))
      ? ALLOWED
      : { allowed: false, reason: "No policy matched." };
}

export function rulesOfPolicies(policies: readonly AbacPolicy[]): PartialResolver {
  return (user, namespace) => ({
    rules: policies
      .filter((policy) => isAbout(policy, user))
      .filter((policy) => policy.namespace === "*" || policy.namespace === namespace)
      .flatMap(rulesOf),
  });
}

function rulesOf({ readonly, apiGroup, resource, nonResourcePath }: AbacPolicy): PolicyRule[] {
  const verbs = readonly ? [...READS] : ["*"];
  return [
    ...(resource === "" ? [] : [{ verbs, apiGroups: [apiGroup], resources: [resource] }]),
    ...(nonResourcePath === "" ? [] : [{ verbs, nonResourceURLs: [nonResourcePath] }]),
  ];
}

function policyOf(line: Record<string, unknown>): AbacPolicy {
  const isVersioned = line.apiVersion !== undefined || line.kind !== undefined;
  if (!isVersioned) return unversioned(line);
  if (line.apiVersion !== API_VERSION || line.kind !== "Policy") {
    throw new Error(`no kind "${line.kind}" is registered for version "${line.apiVersion}"`);
  }
  const spec = (line.spec ?? {}) as Record<string, unknown>;
  return withEverybody({
    user: text(spec.user),
    group: text(spec.group),
    readonly: spec.readonly === true,
    namespace: text(spec.namespace),
    resource: text(spec.resource),
    apiGroup: text(spec.apiGroup),
    nonResourcePath: text(spec.nonResourcePath),
  });
}

/** From before policies had versions: what a line does not say, it allows all of. */
function unversioned(line: Record<string, unknown>): AbacPolicy {
  const [user, group] = [text(line.user), text(line.group)];
  const [namespace, resource] = [text(line.namespace), text(line.resource)];
  const isOfAll = namespace === "" && resource === "";
  return withEverybody({
    user,
    group: user === "" && group === "" ? "*" : group,
    readonly: line.readonly === true,
    namespace: namespace || "*",
    resource: resource || "*",
    apiGroup: "*",
    nonResourcePath: isOfAll ? "*" : "",
  });
}

/** Everybody is whoever has said who they are. */
function withEverybody(policy: AbacPolicy): AbacPolicy {
  if (policy.user !== "*" && policy.group !== "*") return policy;
  return { ...policy, user: "", group: AUTHENTICATED };
}

function text(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  throw new Error(`cannot use ${JSON.stringify(value)} as a text`);
}

function matches(policy: AbacPolicy, user: User, attributes: Attributes): boolean {
  if (!isAbout(policy, user)) return false;
  if (policy.readonly && !READS.has(attributes.verb)) return false;
  if (attributes.isResourceRequest) {
    return (
      fits(policy.namespace, attributes.namespace) &&
      fits(policy.resource, attributes.resource) &&
      fits(policy.apiGroup, attributes.group)
    );
  }
  const { nonResourcePath: path } = policy;
  if (fits(path, attributes.path)) return true;
  return path.endsWith("*") && attributes.path.startsWith(path.replace(/\*+$/, ""));
}

function fits(wanted: string, value: string): boolean {
  return wanted === "*" || wanted === value;
}

function isAbout({ user, group }: AbacPolicy, who: User): boolean {
  if (user === "" && group === "") return false;
  const isUser = user === "" || user === who.name;
  return isUser && (group === "" || who.groups.includes(group));
}
