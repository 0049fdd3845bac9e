import { describe, expect, test } from "vitest";
import { nodeUnschedulable } from "../../../src/scheduler/plugins/node-unschedulable.ts";
import { aNode, aPod, cacheOf, cycleOf, type PodWishes, verdictsOf } from "../made-up-cluster.ts";

describe("NodeUnschedulable", () => {
  const cache = cacheOf([aNode("open"), aNode("cordoned", { unschedulable: true })]);
  const key = "node.kubernetes.io/unschedulable";

  test.each<[string, PodWishes, string]>([
    ["keeps pods off a cordoned node", {}, "node(s) were unschedulable"],
    [
      "is passed by a pod that tolerates it",
      { tolerations: [{ key, operator: "Exists", effect: "NoSchedule" }] },
      "",
    ],
    [
      "is not passed by a toleration of something else",
      { tolerations: [{ key: "other", operator: "Exists" }] },
      "node(s) were unschedulable",
    ],
  ])("%s", (_, wishes, verdict) => {
    const cycle = cycleOf(aPod("p", wishes), cache);
    expect(verdictsOf(nodeUnschedulable, cycle)).toEqual({ open: "", cordoned: verdict });
  });
});
