import { describe, expect, test } from "vitest";
import {
  boundedly,
  matchesGo,
  repetitionsOf,
} from "../../../src/api/apiextensions/bounded-match.ts";

const NESTED = "^(a+)+$";

describe("matching", () => {
  test.each([
    ["^[a-z]+$", "abc", true],
    ["^[a-z]+$", "ab1", false],
    [NESTED, "aaaa", true],
    ["b$", `${"a".repeat(100_000)}b`, true],
    ["^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$", "*/5 * * 1 0", true],
  ])("of %s says whether the text does", (pattern, text, does) => {
    expect(matchesGo(pattern, text.slice(0, 200_000))).toBe(does);
  });

  test("ends where it would take for ever, and is not tried again", () => {
    const pattern = "^(a|a)*$";
    const text = `${"a".repeat(60)}!`;
    const why = "matching takes too long: `^(a|a)*$`";
    expect(() => matchesGo(pattern, text)).toThrow(why);
    let tries = 0;
    const again = () =>
      boundedly(pattern, "short", () => {
        tries++;
      });
    expect(again).toThrow(why);
    expect(tries).toBe(0);
  });

  test("ends for a long text too, with a simple pattern", () => {
    expect(() => matchesGo("\\s+$", `${" ".repeat(1_000_000)}x`)).toThrow("takes too long");
  });
});

describe("the repetitions of a pattern", () => {
  test.each([
    ["abc", 0],
    ["a+b*c?", 2],
    ["[*+]{2,5}\\*\\+", 1],
    ["(ab)+", 1],
    ["(a+)b", 1],
    ["(?:a|b)c+", 1],
    ["(a+)+", Number.POSITIVE_INFINITY],
    ["(a|b)*", Number.POSITIVE_INFINITY],
    ["((a?)b){9}", Number.POSITIVE_INFINITY],
    ["(x(a+)y)*", Number.POSITIVE_INFINITY],
  ])("%s are counted where they stand side by side", (pattern, count) => {
    expect(repetitionsOf(pattern)).toBe(count);
  });
});
