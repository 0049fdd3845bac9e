import { describe, expect, test } from "vitest";
import { nodeVolumeLimits } from "../../../src/scheduler/plugins/node-volume-limits.ts";
import { aNode, aPod, cacheOf, cycleOf, verdictsOf } from "../made-up-cluster.ts";
import {
  aClaim,
  aClass,
  aCsiNode,
  aVolume,
  podWith,
  type Storage,
  storageOf,
} from "./made-up-volumes.ts";

const EXCEEDED = "node(s) exceed max volume count";
const CSI = "csi.example.com";
const OTHER = "other.example.com";

/** Claims c1, c2, ... with a volume of the driver each; o1 of another; l1 that waits for its volume. */
const STORAGE: Storage = {
  claims: [
    ...["c1", "c2", "c3", "o1", "nfs"].map((name) => aClaim(name, { volumeName: `pv-${name}` })),
    aClaim("again", { volumeName: "pv-c1" }),
    aClaim("l1", { storageClassName: "late" }),
    aClaim("l2", { storageClassName: "late" }),
    aClaim("lost", { volumeName: "gone", storageClassName: "late" }),
    aClaim("classless", { storageClassName: "" }),
  ],
  volumes: [
    ...["c1", "c2", "c3"].map((name) => csiVolume(name, CSI)),
    csiVolume("o1", OTHER),
    aVolume("pv-nfs", {}, { nfs: { server: "s", path: "/" } }),
  ],
  classes: [aClass("late", CSI, "WaitForFirstConsumer")],
};

function csiVolume(name: string, driver: string) {
  return aVolume(`pv-${name}`, {}, { csi: { driver, volumeHandle: name } });
}

interface Case {
  limits: Record<string, number | undefined>;
  there: string[][];
  wanted: string[];
}

function verdict({ limits, there, wanted }: Case) {
  const placed = there.map((claims, i) => podWith(`p${i}`, ...claims));
  const cache = cacheOf([aNode("a")], { a: placed });
  const storage = storageOf({ ...STORAGE, drivers: [aCsiNode("a", limits)] });
  return verdictsOf(nodeVolumeLimits(storage), cycleOf(podWith("web", ...wanted), cache))["a"];
}

describe("NodeVolumeLimits", () => {
  test.each<[string, Case, string]>([
    ["the first of one allowed", { limits: { [CSI]: 1 }, there: [], wanted: ["c1"] }, ""],
    ["as many as allowed", { limits: { [CSI]: 2 }, there: [["c1"]], wanted: ["c2"] }, ""],
    ["one too many", { limits: { [CSI]: 1 }, there: [["c1"]], wanted: ["c2"] }, EXCEEDED],
    ["any, of none allowed", { limits: { [CSI]: 0 }, there: [], wanted: ["c1"] }, EXCEEDED],
    [
      "too many of one pod's own",
      { limits: { [CSI]: 1 }, there: [], wanted: ["c1", "c2"] },
      EXCEEDED,
    ],
    [
      "what is attached already",
      { limits: { [CSI]: 1 }, there: [["c1"], ["c1"]], wanted: ["c1"] },
      "",
    ],
    ["it by another claim", { limits: { [CSI]: 1 }, there: [["c1"]], wanted: ["again"] }, ""],
    [
      "what is attached already, and one too many",
      { limits: { [CSI]: 1 }, there: [["c1"]], wanted: ["c1", "c2"] },
      EXCEEDED,
    ],
    [
      "what another driver attaches",
      { limits: { [CSI]: 1, [OTHER]: 1 }, there: [["c1"]], wanted: ["o1"] },
      "",
    ],
    [
      "of a driver without a limit",
      { limits: { [CSI]: undefined }, there: [], wanted: ["c1"] },
      "",
    ],
    ["of a driver the node has not", { limits: { [OTHER]: 0 }, there: [], wanted: ["c1"] }, ""],
    ["what no driver attaches", { limits: { [CSI]: 0 }, there: [], wanted: ["nfs"] }, ""],
    ["what is yet to be made", { limits: { [CSI]: 1 }, there: [["l1"]], wanted: ["l2"] }, EXCEEDED],
    [
      "what others yet have to be made",
      { limits: { [CSI]: 2 }, there: [["l1"]], wanted: ["l2"] },
      "",
    ],
    ["of a volume that is gone", { limits: { [CSI]: 0 }, there: [], wanted: ["lost"] }, EXCEEDED],
    ["of no class", { limits: { [CSI]: 0 }, there: [], wanted: ["classless"] }, ""],
    ["of a claim not there", { limits: { [CSI]: 0 }, there: [["none"]], wanted: ["none"] }, ""],
  ])("given a pod that wants %s", (_, given, expected) => {
    expect(verdict(given)).toBe(expected);
  });

  test("counts what is more than was allowed before against new volumes only", () => {
    const there = [["c1"], ["c2"]];
    expect(verdict({ limits: { [CSI]: 1 }, there, wanted: ["c2"] })).toBe("");
    expect(verdict({ limits: { [CSI]: 1 }, there, wanted: ["c3"] })).toBe(EXCEEDED);
  });

  test("counts the claims that are made for a pod", () => {
    const pod = aPod("web", {
      volumes: [{ name: "scratch", ephemeral: { volumeClaimTemplate: { spec: {} } } }],
    });
    const claims = [aClaim("web-scratch", { storageClassName: "late" })];
    const storage = storageOf({ ...STORAGE, claims, drivers: [aCsiNode("a", { [CSI]: 0 })] });
    const cycle = cycleOf(pod, cacheOf([aNode("a"), aNode("b")]));
    expect(verdictsOf(nodeVolumeLimits(storage), cycle)).toEqual({ a: EXCEEDED, b: "" });
  });

  test("may be cured by making other pods go", () => {
    const storage = storageOf({ ...STORAGE, drivers: [aCsiNode("a", { [CSI]: 1 })] });
    const cache = cacheOf([aNode("a")], { a: [podWith("p", "c1")] });
    const cycle = cycleOf(podWith("web", "c2"), cache);
    const filter = nodeVolumeLimits(storage).filter!(cycle);
    const [node] = cycle.nodes;
    expect(typeof filter === "function" && filter(node!)).toMatchObject({ isFinal: false });
    cache.removePod("default/p");
    expect(typeof filter === "function" && filter(cache.nodes()[0]!)).toBeUndefined();
  });
});
