/**
 * Whether a rule of a role allows a request.
 *
 * In Kubernetes: pkg/apis/rbac/v1/evaluation_helpers.go
 */
import type { PolicyRule } from "../../api/rbac/policy-rule.ts";
import type { Attributes } from "../authorize.ts";

export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  if (!attributes.isResourceRequest) return allowsPath(rule, attributes.path);
  return (
    has(rule.apiGroups, attributes.group) &&
    allowsResource(rule, attributes.resource, attributes.subresource) &&
    allowsName(rule, attributes.name)
  );
}

/** The values, or everything. */
function has(values: readonly string[] | undefined, value: string): boolean {
  return values?.some((one) => one === "*" || one === value) ?? false;
}

function allowsResource(rule: PolicyRule, resource: string, subresource: string): boolean {
  const whole = subresource === "" ? resource : `${resource}/${subresource}`;
  if (has(rule.resources, whole)) return true;
  return subresource !== "" && (rule.resources?.includes(`*/${subresource}`) ?? false);
}

/** A list without names is about all of them, and so is a rule without names. */
function allowsName({ resourceNames = [] }: PolicyRule, name: string): boolean {
  return resourceNames.length === 0 || resourceNames.includes(name);
}

function allowsPath({ nonResourceURLs = [] }: PolicyRule, path: string): boolean {
  return nonResourceURLs.some((url) => {
    if (url === "*" || url === path) return true;
    return url.endsWith("*") && path.startsWith(url.replace(/\*+$/, ""));
  });
}
