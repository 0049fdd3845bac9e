/** The pod addresses of one node: "10.244.1.0/24" gives 10.244.1.2 up to 10.244.1.254, lowest first. */
export class AddressPool {
  readonly #base: number;
  readonly #size: number;
  readonly #used = new Set<number>();
  #next = 2;

  constructor(cidr: string) {
    const [address = "", bits = ""] = cidr.split("/");
    const size = 2 ** (32 - Number(bits));
    if (!/^\d+(\.\d+){3}$/.test(address) || !(size >= 4))
      throw new Error(`not a pod CIDR: ${cidr}`);
    this.#base = address.split(".").reduce((number, part) => number * 256 + Number(part), 0);
    this.#size = size;
  }

  /** Takes the next free one; an address just given back is not taken again at once. */
  take(): string {
    const most = this.#size - 3;
    for (let tries = 0; tries < most; tries++) {
      const offset = this.#next;
      this.#next = offset + 1 > this.#size - 2 ? 2 : offset + 1;
      if (this.#used.has(offset)) continue;
      this.#used.add(offset);
      return this.#address(offset);
    }
    throw new Error("no IP addresses available in the node's pod CIDR");
  }

  giveBack(address: string): void {
    const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    this.#used.delete(number - this.#base);
  }

  #address(offset: number): string {
    const number = this.#base + offset;
    return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
  }
}
