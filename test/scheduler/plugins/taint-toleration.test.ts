import type { Taint, Toleration } from "kubernetes-types/core/v1.js";
import { describe, expect, test } from "vitest";
import { taintToleration } from "../../../src/scheduler/plugins/taint-toleration.ts";
import { aNode, aPod, cacheOf, cycleOf, scoresOf, verdictsOf } from "../made-up-cluster.ts";

const gpu: Taint = { key: "gpu", value: "yes", effect: "NoSchedule" };

describe("TaintToleration", () => {
  test.each<[Taint[], Toleration[], string]>([
    [[], [], ""],
    [[gpu], [], "node(s) had untolerated taint {gpu: yes}"],
    [[{ key: "bare", effect: "NoExecute" }], [], "node(s) had untolerated taint {bare: }"],
    [[{ ...gpu, effect: "PreferNoSchedule" }], [], ""],
    [[gpu], [{ key: "gpu", operator: "Exists" }], ""],
    [[gpu], [{ key: "gpu", value: "yes", effect: "NoSchedule" }], ""],
    [[gpu], [{ key: "gpu", value: "no" }], "node(s) had untolerated taint {gpu: yes}"],
    [
      [gpu],
      [{ key: "gpu", operator: "Exists", effect: "NoExecute" }],
      "node(s) had untolerated taint {gpu: yes}",
    ],
    [[gpu], [{ operator: "Exists" }], ""],
    [
      [gpu, { key: "b", effect: "NoSchedule" }],
      [{ key: "gpu", operator: "Exists" }],
      "node(s) had untolerated taint {b: }",
    ],
  ])("taints %j against tolerations %j", (taints, tolerations, verdict) => {
    const cycle = cycleOf(aPod("p", { tolerations }), cacheOf([aNode("a", { taints })]));
    expect(verdictsOf(taintToleration, cycle)).toEqual({ a: verdict });
  });

  test("prefers the node with fewer taints that prefer no pods", () => {
    const soft = (key: string): Taint => ({ key, effect: "PreferNoSchedule" });
    const nodes = [
      aNode("none"),
      aNode("one", { taints: [soft("a")] }),
      aNode("two", { taints: [soft("a"), soft("b")] }),
      aNode("tolerated", { taints: [soft("c")] }),
    ];
    const pod = aPod("p", { tolerations: [{ key: "c", operator: "Exists" }] });
    expect(scoresOf(taintToleration, cycleOf(pod, cacheOf(nodes)))).toEqual({
      none: 100,
      one: 50,
      two: 0,
      tolerated: 100,
    });
  });
});
