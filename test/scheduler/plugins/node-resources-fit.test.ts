import { describe, expect, test } from "vitest";
import { nodeResourcesFit } from "../../../src/scheduler/plugins/node-resources-fit.ts";
import {
  aNode,
  aPod,
  cacheOf,
  cycleOf,
  type NodeWishes,
  scoresOf,
  verdictsOf,
} from "../made-up-cluster.ts";

describe("NodeResourcesFit", () => {
  test.each<[NodeWishes, Record<string, string>, string]>([
    [{ cpu: "4" }, { cpu: "2" }, ""],
    [{ cpu: "4" }, { cpu: "3" }, ""],
    [{ cpu: "4" }, { cpu: "3001m" }, "Insufficient cpu"],
    [{ memory: "1Gi" }, { memory: "1Gi" }, "Insufficient memory"],
    [
      { cpu: "1", memory: "1Gi" },
      { cpu: "1", memory: "1Gi" },
      "Insufficient cpu, Insufficient memory",
    ],
    [{ pods: "1" }, {}, "Too many pods"],
    [{ pods: "1" }, { cpu: "9" }, "Too many pods, Insufficient cpu"],
    [{}, { "ephemeral-storage": "1" }, "Insufficient ephemeral-storage"],
    [{ more: { "ephemeral-storage": "1Gi" } }, { "ephemeral-storage": "1Gi" }, ""],
    [{}, { "nvidia.com/gpu": "1" }, "Insufficient nvidia.com/gpu"],
    [{ more: { "nvidia.com/gpu": "1" } }, { "nvidia.com/gpu": "1" }, ""],
    [{ cpu: "500m" }, {}, ""],
    [{ cpu: "500m" }, { cpu: "0" }, ""],
  ])(
    "on %j, with a pod of 1 cpu and 1Mi there already, a pod of %j",
    (wishes, requests, verdict) => {
      const there = aPod("there", { requests: { cpu: "1", memory: "1Mi" } });
      const cache = cacheOf([aNode("a", wishes)], { a: [there] });
      const cycle = cycleOf(aPod("p", { requests }), cache);
      expect(verdictsOf(nodeResourcesFit(), cycle)).toEqual({ a: verdict });
    },
  );

  test("counts of init containers only the greatest, as they run one after another", () => {
    const [small, large] = ["1", "3"].map((cpu) => ({
      name: `init${cpu}`,
      image: "busybox",
      resources: { requests: { cpu } },
    }));
    const pod = aPod("p", { requests: { cpu: "1" }, initContainers: [small!, large!, small!] });
    const cache = cacheOf([aNode("a", { cpu: "3" }), aNode("b", { cpu: "2" })]);
    expect(verdictsOf(nodeResourcesFit(), cycleOf(pod, cache))).toEqual({
      a: "",
      b: "Insufficient cpu",
    });
  });

  test("gives back what a pod had when it goes", () => {
    const cache = cacheOf([aNode("a", { cpu: "1" })], {
      a: [aPod("x", { requests: { cpu: "1" } })],
    });
    const cycle = () => cycleOf(aPod("p", { requests: { cpu: "1" } }), cache);
    expect(verdictsOf(nodeResourcesFit(), cycle())).toEqual({ a: "Insufficient cpu" });
    cache.removePod("default/x");
    expect(verdictsOf(nodeResourcesFit(), cycle())).toEqual({ a: "" });
  });

  test("prefers the emptier node, by what would be left of cpu and memory", () => {
    const half = aPod("half", { requests: { cpu: "2", memory: "4Gi" } });
    const cache = cacheOf([aNode("full"), aNode("empty")], { full: [half] });
    const pod = aPod("p", { requests: { cpu: "1", memory: "2Gi" } });
    expect(scoresOf(nodeResourcesFit(), cycleOf(pod, cache))).toEqual({ full: 25, empty: 75 });
  });

  test("takes a pod that asks for nothing for one of 100m and 200Mi", () => {
    const cache = cacheOf([aNode("a", { cpu: "1", memory: "2000Mi" })]);
    expect(scoresOf(nodeResourcesFit(), cycleOf(aPod("p"), cache))).toEqual({ a: 90 });
  });
});
