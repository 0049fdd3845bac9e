import { describe, expect, test } from "vitest";
import { forEvent, sentenceOf } from "../../src/scheduler/fit-error.ts";

const TAINT = "node(s) had untolerated taint {k: v}";

describe("the FailedScheduling sentence", () => {
  test.each([
    [
      ["Insufficient cpu", TAINT],
      2,
      "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {k: v}.",
    ],
    [
      ["Insufficient cpu", "Insufficient memory", "Insufficient cpu"],
      2,
      "0/2 nodes are available: 1 Insufficient memory, 2 Insufficient cpu.",
    ],
    [
      [...Array(10).fill(TAINT), "Insufficient cpu", "Insufficient cpu"],
      12,
      "0/12 nodes are available: 10 node(s) had untolerated taint {k: v}, 2 Insufficient cpu.",
    ],
  ])("counts each reason", (reasons, nodeCount, sentence) => {
    expect(sentenceOf(reasons, nodeCount)).toBe(sentence);
  });

  test("is cut to what an event can hold", () => {
    expect(forEvent("x".repeat(1024))).toHaveLength(1024);
    expect(forEvent("x".repeat(1025))).toBe(`${"x".repeat(1020)} ...`);
  });
});
