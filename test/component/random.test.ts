/** Chance: the machine's own never repeats itself, a seeded one always does. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  randomSuffix,
  randomUuid,
  seededRandom,
  systemRandom,
} from "../../src/component/random.ts";

describe("the machine's randomness", () => {
  test("gives as many bytes as are asked for, and no piece of them twice", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 10_000 }), (length) => {
        const bytes = systemRandom.bytes(length);
        expect(bytes.length).toBe(length);
        for (let at = 0; at + 16 <= length; at += 16) {
          const piece = bytes.toString("hex", at, at + 16);
          expect(seen.has(piece)).toBe(false);
          seen.add(piece);
        }
      }),
    );
  });

  test("what one caller does to its bytes is nothing to the others", () => {
    const ours = systemRandom.bytes(16);
    const theirs = systemRandom.bytes(16);
    const before = theirs.toString("hex");
    ours.fill(0);
    expect(theirs.toString("hex")).toBe(before);
  });

  test("gives numbers from 0 to 1", () => {
    const numbers = Array.from({ length: 10_000 }, () => systemRandom.next());
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(numbers.reduce((sum, number) => sum + number) / numbers.length).toBeCloseTo(0.5, 1);
  });
});

describe("a seeded randomness", () => {
  test("tells the same story for the same seed", () => {
    const story = (seed: number) => {
      const random = seededRandom(seed);
      return [random.next(), randomUuid(random), randomSuffix(random)];
    };
    expect(story(7)).toEqual(story(7));
    expect(story(7)).not.toEqual(story(8));
  });

  test("makes version 4 UUIDs", () => {
    expect(randomUuid(seededRandom(1))).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});
