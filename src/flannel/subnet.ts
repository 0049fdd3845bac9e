/**
 * IPv4 addresses and networks as numbers, and as flannel writes them: "10.5.34.0/24", and in the
 * key of a lease, where a slash would make a directory, "10.5.34.0-24".
 *
 * Rule: a Subnet's address is always the network's own, its host bits are zero.
 *
 * In Kubernetes: github.com/flannel-io/flannel/pkg/ip/ipnet.go, subnet.ParseSubnetKey
 */
import { isIPv4 } from "node:net";

export interface Subnet {
  /** From 0 to 2^32 - 1. */
  readonly address: number;
  /** From 0 to 32. */
  readonly length: number;
}

/** Undefined where the text is no dotted quad. Leading zeroes are refused, as in Go. */
export function parseAddress(text: string): number | undefined {
  if (!isIPv4(text)) return undefined;
  return text.split(".").reduce((value, part) => value * 256 + Number(part), 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** The network an address with a length is in: "10.5.3.9/16" is 10.5.0.0/16. */
export function parseSubnet(text: string): Subnet | undefined {
  return fromParts(/^([\d.]+)\/(\d{1,2})$/.exec(text));
}

export function formatSubnet({ address, length }: Subnet): string {
  return `${formatAddress(address)}/${length}`;
}

/** The last part of a lease's key. */
export function subnetKey({ address, length }: Subnet): string {
  return `${formatAddress(address)}-${length}`;
}

/** Undefined for a key that flannel would not read either. */
export function parseSubnetKey(key: string): Subnet | undefined {
  // Five bits hold the length there: 32 does not fit.
  const [, address = "", length = ""] = /^([\d.]+)-(\d{1,2})$/.exec(key) ?? [];
  return Number(length) > 31 ? undefined : fromParts([key, address, length]);
}

/** How many addresses it has. */
export function sizeOf({ length }: Pick<Subnet, "length">): number {
  return 2 ** (32 - length);
}

/** The network of this length that holds the address. */
export function subnetAround(address: number, length: number): Subnet {
  return { address: address - (address % sizeOf({ length })), length };
}

export function lastAddress(subnet: Subnet): number {
  return subnet.address + sizeOf(subnet) - 1;
}

export function contains(subnet: Subnet, address: number): boolean {
  return address >= subnet.address && address <= lastAddress(subnet);
}

/** One of two networks that overlap always holds the other. */
export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.address <= lastAddress(b) && b.address <= lastAddress(a);
}

export function isSameSubnet(a: Subnet, b: Subnet): boolean {
  return a.address === b.address && a.length === b.length;
}

function fromParts(parts: readonly string[] | null): Subnet | undefined {
  const [, quad = "", digits = ""] = parts ?? [];
  const address = parseAddress(quad);
  const length = Number(digits);
  if (address === undefined || digits === "" || length > 32) return undefined;
  return subnetAround(address, length);
}
