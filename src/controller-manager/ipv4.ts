/**
 * IPv4 addresses as numbers, and blocks of them.
 *
 * In Kubernetes: net.ParseCIDR of Go
 */
import { isIPv4 } from "node:net";

/** `first` is the number of the first address; there are 2^(32 - bits). */
export interface Ipv4Block {
  first: number;
  bits: number;
}

export function ipv4Number(text: string): number | undefined {
  if (!isIPv4(text)) return undefined;
  return text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function ipv4Text(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

/** "10.244.0.0/16"; an address within the block stands for the block. */
export function ipv4Block(text: string): Ipv4Block | undefined {
  const [, address = "", digits = ""] = /^([0-9.]+)\/([0-9]{1,2})$/.exec(text) ?? [];
  const number = ipv4Number(address);
  const bits = Number(digits);
  if (number === undefined || bits > 32) return undefined;
  return { first: number - (number % sizeOf(bits)), bits };
}

export function sizeOf(bits: number): number {
  return 2 ** (32 - bits);
}
