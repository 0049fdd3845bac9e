import type { TopologySpreadConstraint } from "kubernetes-types/core/v1.js";
import { describe, expect, test } from "vitest";
import { equalitySelector } from "../../../src/api/labels.ts";
import { podTopologySpread } from "../../../src/scheduler/plugins/pod-topology-spread.ts";
import { aNode, aPod, cacheOf, cycleOf, scoresOf, verdictsOf } from "../made-up-cluster.ts";

const SKEWED = "node(s) didn't match pod topology spread constraints";
const NO_LABEL = "node(s) didn't match pod topology spread constraints (missing required label)";

const labels = { app: "web" };
const none = podTopologySpread({ selectorOf: () => undefined });
const byOwner = podTopologySpread({
  selectorOf: (pod) => equalitySelector(pod.metadata.labels ?? {}),
});

function spread(more: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint {
  return {
    maxSkew: 1,
    topologyKey: "zone",
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: { matchLabels: labels },
    ...more,
  };
}

function webs(count: number, prefix: string) {
  return Array.from({ length: count }, (_, i) => aPod(`${prefix}${i}`, { labels }));
}

const nodes = [
  aNode("a1", { labels: { zone: "a" } }),
  aNode("a2", { labels: { zone: "a" } }),
  aNode("b1", { labels: { zone: "b" } }),
];

function filtered(constraint: Partial<TopologySpreadConstraint>, placed: [number, number, number]) {
  const [a1, a2, b1] = placed;
  const cache = cacheOf([...nodes, aNode("c1")], {
    a1: webs(a1, "x"),
    a2: webs(a2, "y"),
    b1: webs(b1, "z"),
  });
  const pod = aPod("p", { labels, topologySpreadConstraints: [spread(constraint)] });
  return verdictsOf(none, cycleOf(pod, cache));
}

describe("PodTopologySpread", () => {
  test.each<[string, Partial<TopologySpreadConstraint>, [number, number, number], string[]]>([
    ["lets the first pod go anywhere", {}, [0, 0, 0], ["", "", ""]],
    ["keeps the second one out of the first one's zone", {}, [1, 0, 0], [SKEWED, SKEWED, ""]],
    ["counts over the whole zone", {}, [1, 1, 1], [SKEWED, SKEWED, ""]],
    ["allows as much skew as it says", { maxSkew: 2 }, [1, 0, 0], ["", "", ""]],
    [
      "counts by host if asked to",
      { topologyKey: "kubernetes.io/hostname" },
      [1, 0, 1],
      [SKEWED, "", SKEWED],
    ],
    [
      "treats too few domains as empty ones",
      { minDomains: 3 },
      [1, 0, 1],
      [SKEWED, SKEWED, SKEWED],
    ],
    [
      "does not count pods of other labels",
      { labelSelector: { matchLabels: { app: "db" } } },
      [3, 0, 0],
      ["", "", ""],
    ],
    [
      "counts those with the same value of matchLabelKeys only",
      { matchLabelKeys: ["app"], labelSelector: {} },
      [1, 0, 0],
      [SKEWED, SKEWED, ""],
    ],
    [
      "does nothing when it is a wish only",
      { whenUnsatisfiable: "ScheduleAnyway" },
      [3, 0, 0],
      ["", "", ""],
    ],
  ])("%s", (_, constraint, placed, [a1, a2, b1]) => {
    const verdicts = filtered(constraint, placed);
    expect({ a1: verdicts.a1, a2: verdicts.a2, b1: verdicts.b1 }).toEqual({ a1, a2, b1 });
  });

  test("needs the label on a node", () => {
    expect(filtered({}, [0, 0, 0]).c1).toBe(NO_LABEL);
  });

  test("does not count pods that are being deleted", () => {
    const leaving = aPod("x", { labels });
    leaving.metadata.deletionTimestamp = "2014-06-06T00:00:00Z";
    const pod = aPod("p", { labels, topologySpreadConstraints: [spread()] });
    const cycle = cycleOf(pod, cacheOf(nodes, { a1: [leaving] }));
    expect(verdictsOf(none, cycle)).toEqual({ a1: "", a2: "", b1: "" });
  });

  test("leaves out zones the pod can't go to, unless told otherwise", () => {
    const wishes = { labels, nodeSelector: { zone: "b" } };
    const verdictAtB = (nodeAffinityPolicy: string) => {
      const constraints = [spread({ nodeAffinityPolicy })];
      const pod = aPod("p", { ...wishes, topologySpreadConstraints: constraints });
      return verdictsOf(none, cycleOf(pod, cacheOf(nodes, { b1: webs(3, "z") }))).b1;
    };
    expect(verdictAtB("Honor")).toBe("");
    expect(verdictAtB("Ignore")).toBe(SKEWED);
  });

  test("leaves out tainted nodes when told to", () => {
    const tainted = aNode("t", {
      labels: { zone: "t" },
      taints: [{ key: "x", effect: "NoSchedule" }],
    });
    const verdictAtB = (nodeTaintsPolicy: string) => {
      const constraints = [spread({ nodeTaintsPolicy })];
      const pod = aPod("p", { labels, topologySpreadConstraints: constraints });
      const cache = cacheOf([...nodes, tainted], { a1: webs(1, "x"), b1: webs(1, "z") });
      return verdictsOf(none, cycleOf(pod, cache)).b1;
    };
    expect(verdictAtB("Ignore")).toBe(SKEWED);
    expect(verdictAtB("Honor")).toBe("");
  });

  test("spreads pods of one owner over hosts, without being asked to", () => {
    const cache = cacheOf([aNode("a"), aNode("b"), aNode("c")], {
      a: webs(2, "x"),
      b: webs(1, "y"),
    });
    const scores = scoresOf(byOwner, cycleOf(aPod("p", { labels }), cache))!;
    expect(scores.c).toBe(100);
    expect(scores.c).toBeGreaterThan(scores.b!);
    expect(scores.b).toBeGreaterThan(scores.a!);
  });

  test("has no wish for a pod that belongs to nothing", () => {
    expect(scoresOf(none, cycleOf(aPod("p", { labels }), cacheOf(nodes)))).toBeUndefined();
  });

  test("scores as the original does", () => {
    const constraints = [spread({ whenUnsatisfiable: "ScheduleAnyway" })];
    const pod = aPod("p", { labels, topologySpreadConstraints: constraints });
    const cache = cacheOf(nodes, { a1: webs(2, "x"), a2: webs(1, "y"), b1: webs(1, "z") });
    // 3 and 1 pods, times ln(2 zones + 2): 4 and 1; the most plus the fewest less one's own, of 4.
    expect(scoresOf(none, cycleOf(pod, cache))).toEqual({ a1: 25, a2: 25, b1: 100 });
  });
});
