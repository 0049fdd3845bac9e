import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../src/component/duration.ts";

describe("a duration", () => {
  test.each([
    ["0", 0],
    ["0s", 0],
    ["250ms", 250],
    ["10s", 10_000],
    ["1m0s", 60_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    [".5s", 500],
    ["-2m", -120_000],
    ["+3s", 3_000],
    ["1us", 0.001],
    ["12h0m0s", 43_200_000],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    ["", 'time: invalid duration ""'],
    ["5", 'time: missing unit in duration "5"'],
    ["5 s", 'time: unknown unit " s" in duration "5 s"'],
    ["5x", 'time: unknown unit "x" in duration "5x"'],
    ["s", 'time: invalid duration "s"'],
    [".", 'time: invalid duration "."'],
    ["1m-3s", 'time: unknown unit "m-" in duration "1m-3s"'],
  ])("%j is refused in Go's words", (text, message) => {
    expect(() => parseDuration(text)).toThrow(new RangeError(message));
  });

  test.each([
    [0, "0s"],
    [0.000_001, "1ns"],
    [0.25, "250µs"],
    [1.5, "1.5ms"],
    [999, "999ms"],
    [1_000, "1s"],
    [1_500, "1.5s"],
    [60_000, "1m0s"],
    [5_400_000, "1h30m0s"],
    [-120_000, "-2m0s"],
  ])("%d ms is printed as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test("reads what it prints", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e10, max: 1e10 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBeCloseTo(ms, 6);
      }),
    );
  });
});
