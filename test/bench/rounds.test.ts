/** A benchmark is only as good as its arithmetic. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Figure, jsonOf, ratioOf, tableOf } from "../../bench/report.ts";
import { compare, medianOf } from "../../bench/rounds.ts";

describe("a comparison", () => {
  test("measures both in turn, each first as often as the other", async () => {
    const order: string[] = [];
    const measured = (name: string) => async () => order.push(name);
    const baseline = { name: "theirs", measure: measured("B") };
    await compare({ name: "a figure", unit: "x/s", rounds: 4, measure: measured("A"), baseline });
    expect(order.join("")).toBe("ABBAABBA");
  });

  test("takes the median of each, so that one bad round changes nothing", async () => {
    const ours = [10, 1_000, 12];
    const theirs = [5, 6, 0];
    const figure = await compare({
      name: "a figure",
      unit: "x/s",
      rounds: 3,
      measure: async () => ours.shift()!,
      baseline: { name: "theirs", measure: async () => theirs.shift()! },
    });
    expect(figure).toMatchObject({ value: 12, baseline: { value: 5 }, note: "10.0 to 1000" });
  });

  test("fails when a measurement does", async () => {
    const failing = compare({
      name: "a figure",
      unit: "x/s",
      rounds: 1,
      measure: () => Promise.reject(new Error("the server answered 500")),
      baseline: { name: "theirs", measure: async () => 1 },
    });
    await expect(failing).rejects.toThrow("the server answered 500");
  });
});

describe("the median", () => {
  test("has as many values above as below", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }),
        (values) => {
          const median = medianOf(values);
          const below = values.filter((value) => value < median).length;
          const above = values.filter((value) => value > median).length;
          expect(below).toBeLessThanOrEqual(values.length / 2);
          expect(above).toBeLessThanOrEqual(values.length / 2);
        },
      ),
    );
  });
});

describe("a report", () => {
  const fast: Figure = {
    name: "GET",
    value: 20_000,
    unit: "requests/s",
    baseline: { name: "bare Node", value: 40_000 },
  };
  const light: Figure = {
    name: "memory",
    value: 80,
    unit: "MB",
    baseline: { name: "idle Node", value: 40 },
    isSmallerBetter: true,
    note: "after 5 s",
  };

  test("has a ratio above 1 for what is better than its baseline, also where less is more", () => {
    expect(ratioOf(fast)).toBe(0.5);
    expect(ratioOf({ ...fast, value: 80_000 })).toBe(2);
    expect(ratioOf(light)).toBe(0.5);
    expect(ratioOf({ ...light, value: 20 })).toBe(2);
  });

  test("is a table for people", () => {
    expect(tableOf([fast, light])).toBe(
      [
        "figure  value              baseline   value              ratio  note",
        "GET     20,000 requests/s  bare Node  40,000 requests/s  0.50",
        "memory  80.0 MB            idle Node  40.0 MB            0.50   after 5 s",
      ].join("\n"),
    );
  });

  test("is JSON for programs", () => {
    expect(JSON.parse(jsonOf([fast]))).toEqual({
      node: process.version,
      figures: [{ ...fast, ratio: 0.5 }],
    });
  });
});
