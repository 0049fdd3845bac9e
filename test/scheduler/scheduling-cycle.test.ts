import { describe, expect, test } from "vitest";
import { equalitySelector } from "../../src/api/labels.ts";
import type { Pod } from "../../src/api/pod.ts";
import { seededRandom } from "../../src/component/random.ts";
import { DecisionLog } from "../../src/scheduler/decision.ts";
import type { Plugin, WeightedPlugin } from "../../src/scheduler/framework.ts";
import { unschedulable } from "../../src/scheduler/framework.ts";
import type { NodeCache } from "../../src/scheduler/node-cache.ts";
import { imageLocality } from "../../src/scheduler/plugins/image-locality.ts";
import { nodeResourcesBalancedAllocation } from "../../src/scheduler/plugins/node-resources-balanced-allocation.ts";
import { nodeResourcesFit } from "../../src/scheduler/plugins/node-resources-fit.ts";
import { podTopologySpread } from "../../src/scheduler/plugins/pod-topology-spread.ts";
import { feasibleNodesToFind, SchedulingCycle } from "../../src/scheduler/scheduling-cycle.ts";
import { aNode, aPod, cacheOf, cycleOf } from "./made-up-cluster.ts";

const use = (plugin: Plugin, weight = 0): WeightedPlugin => ({
  ...{ plugin, weight, filters: true, prepares: true },
});

function cycleWith(plugins: WeightedPlugin[], seed = 1) {
  const options = { plugins, random: seededRandom(seed), percentageOfNodesToScore: 0 };
  return new SchedulingCycle(options);
}

/** Places pods one after another, as the scheduler does; gives how many came to each node. */
function place(pods: Pod[], cache: NodeCache, seed: number): number[] {
  const cycle = cycleWith(
    [
      use(nodeResourcesFit(), 1),
      use(
        podTopologySpread({ selectorOf: (pod) => equalitySelector(pod.metadata.labels ?? {}) }),
        2,
      ),
      use(nodeResourcesBalancedAllocation(), 1),
      use(
        imageLocality((image) => cache.nodesWithImage(image)),
        1,
      ),
    ],
    seed,
  );
  for (const pod of pods) {
    const input = cycleOf(pod, cache);
    const { chosen } = cycle.run(input);
    if (chosen) cache.assume(input.pod, chosen.name);
  }
  return cache.nodes().map((node) => node.pods.size);
}

describe("a scheduling cycle", () => {
  test("picks the node with the highest sum of weighted scores", () => {
    const likes = (name: string, node: string, worth: number): Plugin => ({
      name,
      score: () => ({ score: (info) => (info.name === node ? worth : 0) }),
    });
    const cycle = cycleWith([use(likes("A", "a", 100), 1), use(likes("B", "b", 60), 2)]);
    const decision = cycle.run(cycleOf(aPod("p"), cacheOf([aNode("a"), aNode("b")])));
    expect(decision.chosen?.name).toBe("b");
    expect(decision.totals).toEqual([100, 120]);
  });

  test("asks no further plug-in about a node that one has rejected", () => {
    const asked: string[] = [];
    const no: Plugin = { name: "No", filter: () => () => unschedulable("no") };
    const never: Plugin = {
      name: "Never",
      filter:
        () =>
        ({ name }) =>
          void asked.push(name),
    };
    const cache = cacheOf([aNode("a"), aNode("b")]);
    const decision = cycleWith([use(no), use(never)]).run(cycleOf(aPod("p"), cache));
    expect(decision.chosen).toBeUndefined();
    expect(decision.verdicts.map(({ node, plugin }) => `${node} ${plugin}`)).toEqual([
      "a No",
      "b No",
    ]);
    expect(asked).toEqual([]);
  });

  test("chooses among equals by chance, so that none is always the first", () => {
    const cache = cacheOf([aNode("a"), aNode("b"), aNode("c")]);
    const cycle = cycleWith([use(nodeResourcesFit(), 1)]);
    const chosen = Array.from(
      { length: 50 },
      () => cycle.run(cycleOf(aPod("p"), cache)).chosen!.name,
    );
    expect(new Set(chosen)).toEqual(new Set(["a", "b", "c"]));
  });

  test.each([
    [1, 1],
    [99, 99],
    [100, 100],
    [250, 120],
    [1_000, 420],
    [5_000, 500],
    [6_250, 312],
  ])("of %d nodes looks for %d that fit", (nodes, found) => {
    expect(feasibleNodesToFind(nodes)).toBe(found);
  });

  test("looks at other nodes the next time, until each has had its turn", () => {
    const cache = cacheOf(Array.from({ length: 250 }, (_, i) => aNode(`n${i}`)));
    const cycle = cycleWith([use(nodeResourcesFit(), 1)]);
    const seen = [1, 2, 3].flatMap(() =>
      cycle.run(cycleOf(aPod("p"), cache)).feasible.map(({ name }) => name),
    );
    expect(seen).toHaveLength(360);
    expect(new Set(seen).size).toBe(250);
  });

  test.each(Array.from({ length: 10 }, (_, seed) => [seed]))(
    "spreads the replicas of one controller evenly (chance %d)",
    (seed) => {
      const labels = { app: "web" };
      const images = { "nginx:1.25": 190_000_000 };
      const nodes = () => cacheOf([aNode("node1", { images }), aNode("node2")]);
      const webs = (count: number) =>
        Array.from({ length: count }, (_, i) => aPod(`web-${i}`, { labels }));
      expect(place(webs(3), nodes(), seed).toSorted()).toEqual([1, 2]);
      expect(place(webs(6), nodes(), seed)).toEqual([3, 3]);
      expect(place(webs(40), nodes(), seed)).toEqual([20, 20]);
    },
  );
});

describe("the record of decisions", () => {
  test("explains a placement in words and numbers", () => {
    const cache = cacheOf([aNode("a", { cpu: "1" }), aNode("b"), aNode("c", { pods: "0" })]);
    const pod = aPod("p", { requests: { cpu: "1", memory: "2Gi" } });
    const log = new DecisionLog();
    const cycle = cycleWith([
      use(nodeResourcesFit(), 1),
      use(nodeResourcesBalancedAllocation(), 1),
    ]);
    log.record(cycle.run(cycleOf(pod, cache)), new Date("2014-06-06T00:00:00Z"));
    expect(log.explain("default/p")).toEqual({
      pod: "default/p",
      uid: pod.metadata.uid,
      atTime: "2014-06-06T00:00:00.000Z",
      chosen: "b",
      nodes: [
        {
          node: "a",
          verdict: "feasible",
          total: 99,
          scores: [
            { plugin: "NodeResourcesFit", score: 37, weight: 1 },
            { plugin: "NodeResourcesBalancedAllocation", score: 62, weight: 1 },
          ],
        },
        {
          node: "b",
          verdict: "chosen",
          total: 175,
          scores: [
            { plugin: "NodeResourcesFit", score: 75, weight: 1 },
            { plugin: "NodeResourcesBalancedAllocation", score: 100, weight: 1 },
          ],
        },
        { node: "c", plugin: "NodeResourcesFit", verdict: "Too many pods" },
      ],
    });
  });

  test("keeps the latest pods, and no more than it has room for", () => {
    const cache = cacheOf(Array.from({ length: 99 }, (_, i) => aNode(`n${i}`)));
    const cycle = cycleWith([use(nodeResourcesFit(), 1)]);
    const log = new DecisionLog();
    for (let i = 0; i < 2_000; i++) {
      log.record(cycle.run(cycleOf(aPod(`p${i}`), cache)), new Date(0));
    }
    expect(log.explain("default/p1999")).toBeDefined();
    expect(log.explain("default/p0")).toBeUndefined();
    expect(log.pods().length).toBe(Math.floor(200_000 / (1 + 99 * 3)));
  });
});
