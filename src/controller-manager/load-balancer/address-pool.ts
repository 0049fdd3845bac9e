/**
 * The addresses load balancers may have: "192.168.200.10-192.168.200.50", "10.1.0.0/28", "10.1.2.3", several
 * with commas between.
 *
 * In Kubernetes: nothing; there a cloud has them. (MetalLB's IPAddressPool reads the same ranges.)
 */
import { ipv4Block, ipv4Number, ipv4Text, sizeOf } from "../ipv4.ts";

interface Range {
  first: number;
  last: number;
}

export class AddressPool {
  readonly text: string;
  readonly #ranges: Range[];

  /** Throws a RangeError in one sentence. */
  constructor(ranges: readonly string[]) {
    this.text = ranges.join(",");
    this.#ranges = ranges.map(rangeOf);
  }

  has(address: string): boolean {
    const number = ipv4Number(address);
    if (number === undefined) return false;
    return this.#ranges.some(({ first, last }) => first <= number && number <= last);
  }

  /** The first that nobody has. */
  free(taken: ReadonlySet<string>): string | undefined {
    for (const { first, last } of this.#ranges) {
      for (let number = first; number <= last; number++) {
        const address = ipv4Text(number);
        if (!taken.has(address)) return address;
      }
    }
    return undefined;
  }
}

function rangeOf(text: string): Range {
  const block = ipv4Block(text);
  if (block !== undefined) {
    return { first: block.first, last: block.first + sizeOf(block.bits) - 1 };
  }
  const [from = "", to = from] = text.split("-");
  const [first, last] = [ipv4Number(from.trim()), ipv4Number(to.trim())];
  if (first === undefined || last === undefined || last < first) {
    const forms = "10.0.0.1-10.0.0.9, 10.0.0.0/28 or 10.0.0.1";
    throw new RangeError(`${JSON.stringify(text)} is no range of IPv4 addresses (${forms})`);
  }
  return { first, last };
}
