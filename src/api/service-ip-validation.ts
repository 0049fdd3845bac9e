/**
 * A service's own addresses: clusterIP is the first of clusterIPs, each is of its family, and once
 * allotted they stay, for clients remember them.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateServiceClusterIPsRelatedFields)
 */
import { isIPv6 } from "node:net";
import type { ServiceSpec } from "kubernetes-types/core/v1.js";
import { duplicate, type FieldError, invalidValue, notSupported, required } from "./field-error.ts";
import { ipErrors } from "./names.ts";

const PATH = "spec.clusterIPs";
const FAMILIES = ["IPv4", "IPv6"];
const FAMILY_POLICIES = ["PreferDualStack", "RequireDualStack", "SingleStack"];
const FIXED = "may not change once set";

/** "None": the service has no address; its name stands for the addresses of its pods. */
export function isHeadless({ clusterIP, clusterIPs = [] }: ServiceSpec): boolean {
  return clusterIPs.length === 0 ? clusterIP === "None" : clusterIPs.join() === "None";
}

export function clusterIpErrors(spec: ServiceSpec): FieldError[] {
  if (spec.type === "ExternalName") return [];
  const { clusterIPs: ips = [], ipFamilyPolicy } = spec;
  const errors = [...agreementErrors(spec), ...familyErrors(spec.ipFamilies ?? [])];
  if (ipFamilyPolicy !== undefined && !FAMILY_POLICIES.includes(ipFamilyPolicy)) {
    errors.push(notSupported("spec.ipFamilyPolicy", ipFamilyPolicy, FAMILY_POLICIES));
  }
  const wrong = addressErrors(ips);
  if (ips.length > 2) wrong.push(invalidValue(PATH, ips, "may only hold up to 2 values"));
  if (wrong.length > 0) return [...errors, ...wrong];
  if (ips.length > 1 && isIPv6(ips[0]!) === isIPv6(ips[1]!)) {
    errors.push(invalidValue(PATH, ips, "may specify no more than one IP for each IP family"));
  }
  return isHeadless(spec) ? errors : [...errors, ...familyMatchErrors(spec)];
}

function agreementErrors({ clusterIP = "", clusterIPs: ips = [] }: ServiceSpec): FieldError[] {
  if (clusterIP === "") {
    const why = "must be empty when `clusterIP` is not specified";
    return ips.length === 0 ? [] : [invalidValue(PATH, ips, why)];
  }
  if (ips.length === 0) return [required(PATH)];
  if (ips[0] === clusterIP) return [];
  return [invalidValue(PATH, ips, "first value must match `clusterIP`")];
}

function familyErrors(families: string[]): FieldError[] {
  return families.flatMap((family, index) => {
    const path = `spec.ipFamilies[${index}]`;
    const errors = FAMILIES.includes(family) ? [] : [notSupported(path, family, FAMILIES)];
    if (families.indexOf(family) < index) errors.push(duplicate(path, family));
    return errors;
  });
}

function addressErrors(ips: string[]): FieldError[] {
  return ips.flatMap((ip, index) => {
    if (index === 0 && ip === "None") {
      const why = "'None' must be the first and only value";
      return ips.length > 1 ? [invalidValue(PATH, ips, why)] : [];
    }
    return ipErrors(ip).map((error) => invalidValue(`${PATH}[${index}]`, ip, error));
  });
}

function familyMatchErrors({ clusterIPs = [], ipFamilies = [] }: ServiceSpec): FieldError[] {
  return clusterIPs.slice(0, ipFamilies.length).flatMap((ip, index) => {
    const family = isIPv6(ip) ? "IPv6" : "IPv4";
    if (family === ipFamilies[index]) return [];
    const why = `expected an ${ipFamilies[index]} value as indicated by \`ipFamilies[${index}]\``;
    return [invalidValue(`${PATH}[${index}]`, ip, why)];
  });
}

export function clusterIpUpdateErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === "ExternalName" || old.type === "ExternalName") return [];
  if (isHeadless(spec) && isHeadless(old)) return [];
  const errors = [...ipChangeErrors(spec, old)];
  if (isHeadless(spec) !== isHeadless(old)) return errors;
  const { ipFamilies: families = [] } = spec;
  const changed = (old.ipFamilies ?? []).filter((family, index) => family !== families[index]);
  if (families.length >= (old.ipFamilies?.length ?? 0)) {
    errors.push(...changed.map(() => invalidValue("spec.ipFamilies[0]", families, FIXED)));
  }
  return errors;
}

function ipChangeErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const { clusterIPs: ips = [], ipFamilyPolicy } = spec;
  const { clusterIPs: before = [] } = old;
  if (before.length === ips.length) {
    return before.flatMap((ip, index) =>
      ip === ips[index] ? [] : [invalidValue(`${PATH}[${index}]`, ips, FIXED)],
    );
  }
  const errors: FieldError[] = [];
  if (ips.length === 0) {
    errors.push(invalidValue(`${PATH}[0]`, ips, "primary clusterIP can not be unset"));
  } else if (before.length > 0 && ips[0] !== before[0]) {
    errors.push(invalidValue(`${PATH}[0]`, ips, FIXED));
  }
  if (before.length > ips.length && ips.length === 1 && ipFamilyPolicy !== "SingleStack") {
    const why = "must be set to 'SingleStack' when releasing the secondary clusterIP";
    errors.push(invalidValue("spec.ipFamilyPolicy", ipFamilyPolicy, why));
  }
  return errors;
}
