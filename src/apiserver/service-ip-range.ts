/**
 * A range of IPv4 addresses in CIDR notation, counted from its first one.
 *
 * In Kubernetes: k8s.io/utils/net and pkg/registry/core/service/ipallocator
 */
import { isIPv4 } from "node:net";

export class ServiceIpRange {
  readonly text: string;
  readonly #first: number;
  /** Without the address of the network and that of broadcast. */
  readonly size: number;

  constructor(cidr: string) {
    const [address = "", bits = ""] = cidr.split("/");
    if (!isIPv4(address) || !/^\d{1,2}$/.test(bits) || Number(bits) < 8 || Number(bits) > 30) {
      throw new Error(`invalid service cluster IP range ${JSON.stringify(cidr)}`);
    }
    const count = 2 ** (32 - Number(bits));
    this.#first = Math.floor(numberOf(address) / count) * count;
    this.size = count - 2;
    this.text = `${textOf(this.#first)}/${bits}`;
  }

  /** The address at `index`, from 0. The first one is the kubernetes service's. */
  at(index: number): string {
    return textOf(this.#first + 1 + index);
  }

  has(address: string): boolean {
    if (!isIPv4(address)) return false;
    const index = numberOf(address) - this.#first - 1;
    return index >= 0 && index < this.size;
  }
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
