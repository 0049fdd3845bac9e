import { describe, expect, test } from "vitest";
import { fitErrorOf, forEvent } from "../../src/scheduler/fit-error.ts";
import { unresolvable, unschedulable } from "../../src/scheduler/framework.ts";
import { aPod } from "./made-up-cluster.ts";

const cpu = unschedulable("Insufficient cpu");
const both = unschedulable("Insufficient cpu", "Insufficient memory");
const taint = unresolvable("node(s) had untolerated taint {k: v}");

describe("the FailedScheduling sentence", () => {
  test.each([
    [
      [cpu, taint],
      "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {k: v}. " +
        "preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, " +
        "1 Preemption is not helpful for scheduling.",
    ],
    [
      [both, cpu],
      "0/2 nodes are available: 1 Insufficient memory, 2 Insufficient cpu. " +
        "preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.",
    ],
    [
      [...Array(10).fill(taint), cpu, cpu],
      "0/12 nodes are available: 10 node(s) had untolerated taint {k: v}, 2 Insufficient cpu. " +
        "preemption: 0/12 nodes are available: 10 Preemption is not helpful for scheduling, " +
        "2 No preemption victims found for incoming pod.",
    ],
  ])("counts each reason", (rejections, sentence) => {
    expect(fitErrorOf(aPod("p"), rejections, rejections.length)).toBe(sentence);
  });

  test("says when the pod may not preempt", () => {
    expect(fitErrorOf(aPod("p", { preemptionPolicy: "Never" }), [cpu], 1)).toBe(
      "0/1 nodes are available: 1 Insufficient cpu. " +
        "preemption: not eligible due to preemptionPolicy=Never.",
    );
  });

  test("is cut to what an event can hold", () => {
    expect(forEvent("x".repeat(1024))).toHaveLength(1024);
    expect(forEvent("x".repeat(1025))).toBe(`${"x".repeat(1020)} ...`);
  });
});
