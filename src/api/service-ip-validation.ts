/**
 * A service's own addresses: clusterIP is the first of clusterIPs, each is of its family, and once
 * allotted they stay, for clients remember them.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateServiceClusterIPsRelatedFields)
 */
import { isIPv6 } from "node:net";
import type { ServiceSpec } from "kubernetes-types/core/v1.js";
import {
  duplicate,
  type FieldError,
  GoStruct,
  invalidValue,
  notSupported,
  required,
} from "./field-error.ts";
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
  errors.push(...wrong);
  if (ips.length > 2) errors.push(invalidValue(PATH, ips, "may only hold up to 2 values"));
  if (wrong.length > 0) return errors;
  if (ips.length > 1 && new Set(ips.map(isIPv6)).size < 2) {
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
    if (family === ipFamilies[index] || !FAMILIES.includes(ipFamilies[index]!)) return [];
    const why = `expected an ${ipFamilies[index]} value as indicated by \`ipFamilies[${index}]\``;
    return [invalidValue(`${PATH}[${index}]`, ip, why)];
  });
}

export function clusterIpUpdateErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === "ExternalName" || old.type === "ExternalName") return [];
  if (isHeadless(spec) && isHeadless(old)) return [];
  const errors = ipChangeErrors(spec, old);
  return isHeadless(spec) === isHeadless(old)
    ? [...errors, ...familyChangeErrors(spec, old)]
    : errors;
}

function ipChangeErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const { clusterIPs: ips = [] } = spec;
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
  const isReleased = before.length > ips.length && ips.length === 1;
  return isReleased ? [...errors, ...releaseErrors(spec, "clusterIP")] : errors;
}

/** One family may come and go, the first stays. What is shown is not always the families. */
function familyChangeErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const { ipFamilies: families = [], clusterIPs: ips = [] } = spec;
  const { ipFamilies: before = [] } = old;
  const at = "spec.ipFamilies[0]";
  if (before.length === families.length) {
    const changed = before.filter((family, index) => family !== families[index]);
    return changed.map(() => invalidValue(at, goFamilies(families), FIXED));
  }
  const errors: FieldError[] = [];
  const isReleased = before.length > families.length;
  if (isReleased && ips.length === 0) {
    const why = "primary ipFamily can not be unset";
    errors.push(invalidValue(at, goFamilies(families), why));
  }
  if (families.length > 0 && before.length > 0 && families[0] !== before[0]) {
    errors.push(invalidValue(at, ips, FIXED));
  }
  if (!isReleased || families.length !== 1) return errors;
  return [...errors, ...releaseErrors(spec, "ipFamily")];
}

/** Who gives up the second has to say so. */
function releaseErrors({ ipFamilyPolicy }: ServiceSpec, what: string): FieldError[] {
  if (ipFamilyPolicy === "SingleStack") return [];
  const why = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  return [invalidValue("spec.ipFamilyPolicy", ipFamilyPolicy, why)];
}

function goFamilies(families: string[]): GoStruct {
  const items = families.map((family) => JSON.stringify(family)).join(", ");
  return new GoStruct("[]core.IPFamily", {}, families.length === 0 ? "(nil)" : `{${items}}`);
}
