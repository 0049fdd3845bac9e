/**
 * How a pod resolves names: a policy, and name servers within what the C library can take.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (validateDNSPolicy, validatePodDNSConfig)
 */
import type { PodSpec } from "kubernetes-types/core/v1.js";
import { type FieldError, invalidValue, notSupported, required } from "./field-error.ts";
import { dns1123SubdomainErrors, ipErrors } from "./names.ts";

const POLICIES = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
const MOST_NAMESERVERS = 3;
const MOST_SEARCHES = 32;
const MOST_SEARCH_CHARACTERS = 2048;

export function dnsPolicyErrors(policy: string, path: string): FieldError[] {
  if (policy === "") return [required(path)];
  return POLICIES.includes(policy) ? [] : [notSupported(path, policy, POLICIES)];
}

export function dnsConfigErrors({ dnsPolicy, dnsConfig }: PodSpec, path: string): FieldError[] {
  if (dnsPolicy === "None") {
    const must = "must provide";
    if (dnsConfig === undefined) {
      return [required(path, `${must} \`dnsConfig\` when \`dnsPolicy\` is None`)];
    }
    if (!dnsConfig.nameservers?.length) {
      const why = `${must} at least one DNS nameserver when \`dnsPolicy\` is None`;
      return [required(`${path}.nameservers`, why)];
    }
  }
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {};
  return [
    ...nameserverErrors(nameservers, `${path}.nameservers`),
    ...searchErrors(searches, `${path}.searches`),
    ...options.flatMap(({ name }, index) =>
      name ? [] : [required(`${path}.options[${index}]`, "must not be empty")],
    ),
  ];
}

function nameserverErrors(servers: string[], path: string): FieldError[] {
  const tooMany = `must not have more than ${MOST_NAMESERVERS} nameservers`;
  return [
    ...(servers.length > MOST_NAMESERVERS ? [invalidValue(path, servers, tooMany)] : []),
    ...servers.flatMap((ip, index) =>
      ipErrors(ip).map((error) => invalidValue(`${path}[${index}]`, ip, error)),
    ),
  ];
}

function searchErrors(searches: string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (searches.length > MOST_SEARCHES) {
    const why = `must not have more than ${MOST_SEARCHES} search paths`;
    errors.push(invalidValue(path, searches, why));
  }
  if (searches.join(" ").length > MOST_SEARCH_CHARACTERS) {
    const why = `must not have more than ${MOST_SEARCH_CHARACTERS} characters (including spaces) in the search list`;
    errors.push(invalidValue(path, searches, why));
  }
  const wrong = searches.flatMap((search, index) => {
    const name = search.replace(/\.$/, "");
    return dns1123SubdomainErrors(name).map((e) => invalidValue(`${path}[${index}]`, name, e));
  });
  return [...errors, ...wrong];
}
