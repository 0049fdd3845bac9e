/**
 * The blocks of pod addresses a cluster has: its own block cut into equal parts, one for each node.
 *
 * In Kubernetes: pkg/controller/nodeipam/ipam/cidrset/cidr_set.go. Differs: IPv4 alone.
 */
import { ipv4Block, ipv4Text, sizeOf } from "../ipv4.ts";

export class CidrSet {
  readonly #first: number;
  readonly #bits: number;
  readonly #count: number;
  #next = 0;

  /** Throws a RangeError in one sentence. */
  constructor(clusterCidr: string, maskSize: number) {
    const block = ipv4Block(clusterCidr);
    if (block === undefined) {
      throw new RangeError(
        `--cluster-cidr must be an IPv4 block, not ${JSON.stringify(clusterCidr)}`,
      );
    }
    if (maskSize < block.bits || maskSize > 32) {
      throw new RangeError(
        `--node-cidr-mask-size must be from ${block.bits} to 32, not ${maskSize}`,
      );
    }
    this.#first = block.first;
    this.#bits = maskSize;
    this.#count = sizeOf(block.bits) / sizeOf(maskSize);
  }

  /** The next that is not taken, after the one given last; undefined where none is left. */
  take(taken: ReadonlySet<string>): string | undefined {
    for (let tried = 0; tried < this.#count; tried++) {
      const index = (this.#next + tried) % this.#count;
      const cidr = `${ipv4Text(this.#first + index * sizeOf(this.#bits))}/${this.#bits}`;
      if (taken.has(cidr)) continue;
      this.#next = (index + 1) % this.#count;
      return cidr;
    }
    return undefined;
  }
}
