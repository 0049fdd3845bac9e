/**
 * Blocks of addresses: "10.0.0.0/8".
 *
 * In Kubernetes: IsValidCIDR in staging/src/k8s.io/apimachinery/pkg/util/validation
 */
import { BlockList, isIPv4, isIPv6 } from "node:net";
import { type FieldError, invalidValue } from "../field-error.ts";

interface AddressBlock {
  address: string;
  bits: number;
  family: "ipv4" | "ipv6";
}

export function cidrErrors(text: string, path: string): FieldError[] {
  if (blockOf(text) !== undefined) return [];
  const why = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
  return [invalidValue(path, text, why)];
}

/** Whether the first is a part of the second, and not all of it. Both are blocks. */
export function isStrictlyWithin(part: string, whole: string): boolean {
  const [a, b] = [blockOf(part)!, blockOf(whole)!];
  if (a.family !== b.family || a.bits <= b.bits) return false;
  const list = new BlockList();
  list.addSubnet(b.address, b.bits, b.family);
  return list.check(a.address, a.family);
}

function blockOf(text: string): AddressBlock | undefined {
  const [, address = "", digits = ""] = /^([^/%]+)\/(\d{1,3})$/.exec(text) ?? [];
  const bits = Number(digits);
  if (isIPv4(address)) return bits <= 32 ? { address, bits, family: "ipv4" } : undefined;
  return isIPv6(address) && bits <= 128 ? { address, bits, family: "ipv6" } : undefined;
}
