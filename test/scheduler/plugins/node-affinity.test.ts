import type { NodeSelectorTerm } from "kubernetes-types/core/v1.js";
import { describe, expect, test } from "vitest";
import { nodeAffinity } from "../../../src/scheduler/plugins/node-affinity.ts";
import {
  aNode,
  aPod,
  cacheOf,
  cycleOf,
  type PodWishes,
  scoresOf,
  verdictsOf,
} from "../made-up-cluster.ts";

const NO_MATCH = "node(s) didn't match Pod's node affinity/selector";
const OTHER_NAME = "node is filtered out by the prefilter result";

function requiring(...nodeSelectorTerms: NodeSelectorTerm[]): PodWishes {
  const required = { nodeSelectorTerms };
  return {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
  };
}

const zoneIn = (...values: string[]) => ({ key: "zone", operator: "In", values });
const nameIs = (...values: string[]) => ({
  matchFields: [{ key: "metadata.name", operator: "In", values }],
});

describe("NodeAffinity", () => {
  const cache = cacheOf([
    aNode("a", { labels: { zone: "east", disk: "ssd" } }),
    aNode("b", { labels: { zone: "west", disk: "ssd" } }),
  ]);

  test.each<[string, PodWishes, string, string]>([
    ["a nodeSelector", { nodeSelector: { zone: "east" } }, "", NO_MATCH],
    ["a nodeSelector of two", { nodeSelector: { zone: "east", disk: "hdd" } }, NO_MATCH, NO_MATCH],
    ["a required term", requiring({ matchExpressions: [zoneIn("west")] }), NO_MATCH, ""],
    [
      "two terms: either",
      requiring({ matchExpressions: [zoneIn("x")] }, { matchExpressions: [zoneIn("west")] }),
      NO_MATCH,
      "",
    ],
    ["an empty term: nothing", requiring({}), NO_MATCH, NO_MATCH],
    [
      "selector and term: both",
      { nodeSelector: { zone: "east" }, ...requiring({ matchExpressions: [zoneIn("west")] }) },
      NO_MATCH,
      NO_MATCH,
    ],
    ["a name, as a DaemonSet's pod asks", requiring(nameIs("b")), OTHER_NAME, ""],
    [
      "names that exclude each other",
      requiring({ matchFields: [...nameIs("a").matchFields, ...nameIs("b").matchFields] }),
      "pod affinity terms conflict",
      "pod affinity terms conflict",
    ],
  ])("obeys %s", (_, wishes, a, b) => {
    expect(verdictsOf(nodeAffinity(), cycleOf(aPod("p", wishes), cache))).toEqual({ a, b });
  });

  test("prefers the node that meets more of the preferences, by weight", () => {
    const preferred = [
      { weight: 80, preference: { matchExpressions: [{ key: "disk", operator: "Exists" }] } },
      { weight: 20, preference: { matchExpressions: [zoneIn("east")] } },
    ];
    const affinity = {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred },
    };
    const cycle = cycleOf(aPod("p", { affinity }), cache);
    expect(scoresOf(nodeAffinity(), cycle)).toEqual({ a: 100, b: 80 });
  });

  test("has no score for a pod without preferences", () => {
    expect(scoresOf(nodeAffinity(), cycleOf(aPod("p"), cache))).toBeUndefined();
  });
});
