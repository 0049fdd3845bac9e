import { describe, expect, test } from "vitest";
import { nodeResourcesBalancedAllocation } from "../../../src/scheduler/plugins/node-resources-balanced-allocation.ts";
import { aNode, aPod, cacheOf, cycleOf, scoresOf } from "../made-up-cluster.ts";

describe("NodeResourcesBalancedAllocation", () => {
  test.each([
    [{ cpu: "2", memory: "4Gi" }, 100],
    [{ cpu: "4" }, 50],
    [{ cpu: "4", memory: "4Gi" }, 75],
    [{ cpu: "9" }, 50],
    [{}, 100],
  ])("on 4 cpu and 8Gi a pod of %j scores %d", (requests, score) => {
    const cycle = cycleOf(aPod("p", { requests }), cacheOf([aNode("a")]));
    expect(scoresOf(nodeResourcesBalancedAllocation(), cycle)).toEqual({ a: score });
  });

  test("counts what is there already", () => {
    const there = aPod("x", { requests: { cpu: "2" } });
    const cycle = cycleOf(
      aPod("p", { requests: { memory: "4Gi" } }),
      cacheOf([aNode("a")], { a: [there] }),
    );
    expect(scoresOf(nodeResourcesBalancedAllocation(), cycle)).toEqual({ a: 100 });
  });
});
