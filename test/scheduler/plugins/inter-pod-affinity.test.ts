import type { PodAffinityTerm } from "kubernetes-types/core/v1.js";
import { describe, expect, test } from "vitest";
import { interPodAffinity } from "../../../src/scheduler/plugins/inter-pod-affinity.ts";
import {
  aNode,
  aPod,
  cacheOf,
  cycleOf,
  type PodWishes,
  scoresOf,
  verdictsOf,
} from "../made-up-cluster.ts";

const NOT_NEAR = "node(s) didn't match pod affinity rules";
const TOO_NEAR = "node(s) didn't match pod anti-affinity rules";
const KEPT_AWAY = "node(s) didn't satisfy existing pods anti-affinity rules";

const nodes = [
  aNode("a1", { labels: { zone: "a" } }),
  aNode("a2", { labels: { zone: "a" } }),
  aNode("b1", { labels: { zone: "b" } }),
];
const namespaceLabels = (name: string) => ({ team: name === "blue" ? "blue" : "red" });
const plugin = interPodAffinity({ namespaceLabels });
const db = aPod("db", { labels: { app: "db" } });

function nearTo(app: string, more: Partial<PodAffinityTerm> = {}): PodAffinityTerm {
  return { topologyKey: "zone", labelSelector: { matchLabels: { app } }, ...more };
}

const wants = (...terms: PodAffinityTerm[]): PodWishes => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const shuns = (...terms: PodAffinityTerm[]): PodWishes => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});

describe("InterPodAffinity", () => {
  test.each<[string, PodWishes, [string, string, string]]>([
    ["sends a pod into the zone of another", wants(nearTo("db")), ["", "", NOT_NEAR]],
    [
      "sends a pod to the host of another",
      wants(nearTo("db", { topologyKey: "kubernetes.io/hostname" })),
      ["", NOT_NEAR, NOT_NEAR],
    ],
    [
      "has no place where there is no such pod",
      wants(nearTo("cache")),
      [NOT_NEAR, NOT_NEAR, NOT_NEAR],
    ],
    [
      "lets a pod that wants its like be the first",
      { labels: { app: "web" }, ...wants(nearTo("web")) },
      ["", "", ""],
    ],
    [
      "needs every term of a pod",
      wants(nearTo("db"), nearTo("cache")),
      [NOT_NEAR, NOT_NEAR, NOT_NEAR],
    ],
    [
      "looks in the pod's own namespace",
      { namespace: "blue", ...wants(nearTo("db")) },
      [NOT_NEAR, NOT_NEAR, NOT_NEAR],
    ],
    [
      "looks in the namespaces named",
      { namespace: "blue", ...wants(nearTo("db", { namespaces: ["default"] })) },
      ["", "", NOT_NEAR],
    ],
    [
      "looks in the namespaces selected",
      {
        namespace: "blue",
        ...wants(nearTo("db", { namespaceSelector: { matchLabels: { team: "red" } } })),
      },
      ["", "", NOT_NEAR],
    ],
    [
      "looks in all namespaces for the empty selector",
      { namespace: "blue", ...wants(nearTo("db", { namespaceSelector: {} })) },
      ["", "", NOT_NEAR],
    ],
    ["keeps a pod away from another", shuns(nearTo("db")), [TOO_NEAR, TOO_NEAR, ""]],
    ["has nothing against a pod without wishes", {}, ["", "", ""]],
  ])("%s", (_, wishes, [a1, a2, b1]) => {
    const cycle = cycleOf(aPod("p", wishes), cacheOf(nodes, { a1: [db] }));
    expect(verdictsOf(plugin, cycle)).toEqual({ a1, a2, b1 });
  });

  test("keeps a pod away that a placed pod does not want near", () => {
    const shy = aPod("shy", shuns(nearTo("web")));
    const cycle = cycleOf(aPod("p", { labels: { app: "web" } }), cacheOf(nodes, { b1: [shy] }));
    expect(verdictsOf(plugin, cycle)).toEqual({ a1: "", a2: "", b1: KEPT_AWAY });
  });

  test("prefers to be near whom it likes and away from whom it does not", () => {
    const podAffinity = {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 10, podAffinityTerm: nearTo("db", { topologyKey: "kubernetes.io/hostname" }) },
      ],
    };
    const podAntiAffinity = {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 30, podAffinityTerm: nearTo("loud") },
      ],
    };
    const loud = aPod("loud", { labels: { app: "loud" } });
    const pod = aPod("p", { affinity: { podAffinity, podAntiAffinity } });
    const cycle = cycleOf(pod, cacheOf(nodes, { a1: [db], b1: [loud] }));
    expect(scoresOf(plugin, cycle)).toEqual({ a1: 100, a2: 75, b1: 0 });
  });

  test("prefers to be near those that required it near", () => {
    const fan = aPod("fan", wants(nearTo("web")));
    const cycle = cycleOf(aPod("p", { labels: { app: "web" } }), cacheOf(nodes, { b1: [fan] }));
    expect(scoresOf(plugin, cycle)).toEqual({ a1: 0, a2: 0, b1: 100 });
  });
});
