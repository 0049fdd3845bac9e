/** Choices by chance, from a seed: the same seed, the same choices. */
import type { Random } from "../../src/component/random.ts";

export function pick<T>(dice: Random, choices: readonly T[]): T {
  return choices[Math.floor(dice.next() * choices.length)]!;
}

/** A whole number from `least` to `most`, both included. */
export function roll(dice: Random, least: number, most: number): number {
  return least + Math.floor(dice.next() * (most - least + 1));
}
