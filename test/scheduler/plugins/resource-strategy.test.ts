import { describe, expect, test } from "vitest";
import { nodeResourcesFit } from "../../../src/scheduler/plugins/node-resources-fit.ts";
import type { ScoringStrategy } from "../../../src/scheduler/plugins/resource-strategy.ts";
import { aNode, aPod, cacheOf, cycleOf, scoresOf } from "../made-up-cluster.ts";

const both = [
  { name: "cpu", weight: 1 },
  { name: "memory", weight: 1 },
];
const ratio = (shape: ScoringStrategy["shape"], resources = both): ScoringStrategy => ({
  type: "RequestedToCapacityRatio",
  resources,
  shape: shape!,
});
const rising = [
  { utilization: 0, score: 0 },
  { utilization: 100, score: 10 },
];

/** On a node of 4 cpu and 8Gi where 1 cpu and 2Gi are taken. */
function scoreOf(strategy: ScoringStrategy, requests: Record<string, string>) {
  const there = aPod("there", { requests: { cpu: "1", memory: "2Gi" } });
  const cache = cacheOf([aNode("a", { more: { "nvidia.com/gpu": "4" } })], { a: [there] });
  return scoresOf(nodeResourcesFit({ strategy }), cycleOf(aPod("p", { requests }), cache))!.a;
}

describe("the strategy of NodeResourcesFit", () => {
  test.each<[string, ScoringStrategy, Record<string, string>, number]>([
    [
      "likes empty nodes",
      { type: "LeastAllocated", resources: both },
      { cpu: "1", memory: "2Gi" },
      50,
    ],
    [
      "weighs resources",
      { type: "LeastAllocated", resources: [{ name: "cpu", weight: 3 }, both[1]!] },
      { cpu: "3", memory: "2Gi" },
      12,
    ],
    [
      "likes full nodes",
      { type: "MostAllocated", resources: both },
      { cpu: "2", memory: "2Gi" },
      62,
    ],
    [
      "takes what is asked beyond the capacity for full",
      { type: "MostAllocated", resources: both },
      { cpu: "9", memory: "6Gi" },
      100,
    ],
    ["follows a rising curve", ratio(rising), { cpu: "2", memory: "2Gi" }, 63],
    [
      "follows a falling curve, and leaves out what is worth nothing",
      ratio([
        { utilization: 0, score: 10 },
        { utilization: 100, score: 0 },
      ]),
      { cpu: "3", memory: "2Gi" },
      50,
    ],
    [
      "is level before the first point and after the last",
      ratio([
        { utilization: 60, score: 2 },
        { utilization: 70, score: 8 },
      ]),
      { cpu: "1", memory: "6Gi" },
      50,
    ],
    [
      "counts an extended resource for those who ask for it",
      ratio(rising, [{ name: "nvidia.com/gpu", weight: 5 }]),
      { "nvidia.com/gpu": "3" },
      75,
    ],
    [
      "and for nobody else",
      ratio(rising, [{ name: "nvidia.com/gpu", weight: 5 }]),
      { cpu: "1" },
      0,
    ],
  ])("%s", (_claim, strategy, requests, score) => {
    expect(scoreOf(strategy, requests)).toBe(score);
  });

  test("leaves the resources of others to them", () => {
    const cache = cacheOf([aNode("a")]);
    const cycle = cycleOf(aPod("p", { requests: { "example.com/foo": "1" } }), cache);
    const ask = (options: Parameters<typeof nodeResourcesFit>[0]) => {
      const filter = nodeResourcesFit(options).filter!(cycle);
      return typeof filter === "function" ? filter(cache.nodes()[0]!)?.reasons : undefined;
    };
    expect(ask({})).toEqual(["Insufficient example.com/foo"]);
    expect(ask({ ignoredResources: ["example.com/foo"] })).toBeUndefined();
    expect(ask({ ignoredResourceGroups: ["example.com"] })).toBeUndefined();
  });
});
