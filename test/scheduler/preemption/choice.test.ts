import { describe, expect, test } from "vitest";
import { PodInfo } from "../../../src/scheduler/pod-info.ts";
import { chooseCandidate } from "../../../src/scheduler/preemption/choice.ts";
import type { Candidate } from "../../../src/scheduler/preemption/victims.ts";
import { aPod } from "../made-up-cluster.ts";

type Victim = [priority: number, startTime?: string];

function candidate(node: string, victims: Victim[], violations = 0): Candidate {
  const infos = victims.map(([priority, startTime], i) => {
    const pod = aPod(`${node}-${i}`, { priority });
    return new PodInfo(startTime ? { ...pod, status: { startTime } } : pod);
  });
  return { node, victims: infos, violations };
}

describe("of the nodes where somebody could make room", () => {
  test.each<[string, Candidate[]]>([
    ["the fewest budgets are broken", [candidate("a", [[1]], 1), candidate("best", [[9], [9]], 0)]],
    [
      "the most important victim is the least",
      [candidate("a", [[5]]), candidate("best", [[4], [4]])],
    ],
    ["the sum is the lowest", [candidate("a", [[5], [4]]), candidate("best", [[5], [3]])]],
    [
      "the victims are fewest, though their priorities be negative",
      [candidate("a", [[-1], [-1]]), candidate("best", [[-1]])],
    ],
    [
      "the most important victim started last",
      [
        candidate("a", [[5, "2014-06-06T00:00:00Z"]]),
        candidate("best", [[5, "2014-06-06T01:00:00Z"]]),
      ],
    ],
    [
      "it comes first, if nothing tells them apart",
      [candidate("best", [[5]]), candidate("b", [[5]])],
    ],
  ])("that one is chosen where %s", (_why, candidates) => {
    expect(chooseCandidate(candidates)?.node).toBe("best");
  });

  test("none is chosen where there is none", () => {
    expect(chooseCandidate([])).toBeUndefined();
  });
});
