import { describe, expect, test } from "vitest";
import { judgeByRules } from "../../../src/api/apiextensions/cel/rule-evaluation.ts";
import type { CustomSchema } from "../../../src/api/apiextensions/custom-schema.ts";

const NUMBERS: CustomSchema = { type: "array", items: { type: "integer" } };
const withRules = (...rules: string[]): CustomSchema => ({
  type: "object",
  properties: { list: NUMBERS, text: { type: "string" } },
  "x-kubernetes-validations": rules.map((rule) => ({ rule })),
});
const detailsOf = (obj: object, ...rules: string[]) =>
  judgeByRules(obj, withRules(...rules)).map(({ message }) => message);
const list = (length: number) => ({ list: Array.from({ length }, (_, i) => i) });

describe("a rule of a definition", () => {
  test("may cost a million steps, and is ended where it costs more", () => {
    const cubic = "self.list.all(a, self.list.all(b, self.list.all(c, c >= 0)))";
    expect(detailsOf(list(30), cubic)).toEqual([]);
    expect(detailsOf(list(300), cubic, "false")).toEqual([
      `Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ${cubic}`,
    ]);
  });

  test("shares a budget with the other rules about the object", () => {
    const square = "self.list.all(a, self.list.all(b, b >= 0))";
    const rules = Array.from({ length: 100 }, () => square);
    expect(detailsOf(list(200), ...rules)).toEqual([
      'Invalid value: "object": validation failed due to running out of cost budget, no further validation rules will be run',
    ]);
  });

  test("costs as much as there is to look at", () => {
    const text = "x".repeat(100_000);
    const looking = (times: number) =>
      detailsOf({ text, ...list(times) }, "self.list.all(i, !self.text.contains('y'))");
    expect(looking(20)).toEqual([]);
    expect(looking(200)).toEqual([expect.stringContaining("actual cost limit exceeded")]);
  });

  test("is ended where its pattern takes for ever", () => {
    const rule = "self.text.matches('^(b|b)*$')";
    expect(detailsOf({ text: `${"b".repeat(60)}!` }, rule)).toEqual([
      expect.stringContaining("matching takes too long"),
    ]);
  });
});
