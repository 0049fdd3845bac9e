import { describe, expect, test } from "vitest";
import { nodeName } from "../../../src/scheduler/plugins/node-name.ts";
import { aNode, aPod, cacheOf, cycleOf, verdictsOf } from "../made-up-cluster.ts";

describe("NodeName", () => {
  test("lets a pod go only to the node it names", () => {
    const cycle = cycleOf(aPod("p", { nodeName: "b" }), cacheOf([aNode("a"), aNode("b")]));
    expect(verdictsOf(nodeName, cycle)).toEqual({
      a: "node(s) didn't match the requested node name",
      b: "",
    });
  });

  test("has nothing to say of a pod that names none", () => {
    expect(nodeName.filter!(cycleOf(aPod("p"), cacheOf([aNode("a")])))).toBeUndefined();
  });
});
