/** Seeded chance with the words a generator thinks in. */
import { type Random, seededRandom } from "../../src/component/random.ts";

export class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from 0 to `below`, which is not included. */
  below(below: number): number {
    return Math.floor(this.#random.next() * below);
  }

  /** True in one case of so many. */
  oneIn(cases: number): boolean {
    return this.below(cases) === 0;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  bytes(length: number): Buffer {
    return this.#random.bytes(length);
  }
}
