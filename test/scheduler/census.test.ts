import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NodeCache } from "../../src/scheduler/node-cache.ts";
import { aNode, aPod } from "./made-up-cluster.ts";

const ZONE = "topology.kubernetes.io/zone";
const NODES = ["a", "b", "c"];

const inZone = (name: string, zone: string) => aNode(name, { labels: { [ZONE]: zone } });

const step = fc.oneof(
  fc.record({
    does: fc.constant("place" as const),
    pod: fc.constantFrom("p", "q", "r", "s"),
    node: fc.constantFrom(...NODES),
    app: fc.constantFrom("web", "db"),
  }),
  fc.record({ does: fc.constant("remove" as const), pod: fc.constantFrom("p", "q", "r", "s") }),
  fc.record({
    does: fc.constant("label" as const),
    node: fc.constantFrom(...NODES),
    zone: fc.constantFrom("east", "west"),
  }),
  fc.record({ does: fc.constant("drop" as const), node: fc.constantFrom(...NODES) }),
  fc.record({ does: fc.constant("ask" as const) }),
);

/** Pods in each zone, by a walk over all of them. */
function walked(cache: NodeCache): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { labels, pods } of cache.nodes()) {
    for (const pod of pods.values()) {
      const name = `${pod.labels.app} in ${labels[ZONE]}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
  return counts;
}

function counted(cache: NodeCache): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { example, tally } of cache.census.pods()) {
    for (const [zone, count] of tally.in(ZONE)) counts[`${example.labels.app} in ${zone}`] = count;
  }
  return counts;
}

describe("the scheduler's census", () => {
  test("counts what a walk over all pods would, whatever comes, goes, moves or is relabelled", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const cache = new NodeCache();
        for (const one of steps) {
          if (one.does === "place") {
            cache.setPod(aPod(one.pod, { labels: { app: one.app }, nodeName: one.node }));
          } else if (one.does === "remove") cache.removePod(`default/${one.pod}`);
          else if (one.does === "label") cache.setNode(inZone(one.node, one.zone));
          else if (one.does === "drop") cache.removeNode(one.node);
          else expect(counted(cache)).toEqual(walked(cache));
        }
        expect(counted(cache)).toEqual(walked(cache));
        expect([...cache.census.nodes.in(ZONE).values()].reduce((a, b) => a + b, 0)).toBe(
          cache.nodes().length,
        );
      }),
      { numRuns: 200 },
    );
  });

  test("follows a pod whose labels are changed, and one that is about to go", () => {
    const cache = new NodeCache();
    cache.setNode(inZone("a", "east"));
    const pod = aPod("p", { labels: { app: "web" }, nodeName: "a" });
    cache.setPod(pod);
    cache.setPod({ ...pod, metadata: { ...pod.metadata, labels: { app: "db" } } });
    expect(counted(cache)).toEqual({ "db in east": 1 });
    const deletionTimestamp = "2024-01-01T00:00:00Z";
    cache.setPod({ ...pod, metadata: { ...pod.metadata, deletionTimestamp } });
    const sorts = [...cache.census.pods()];
    expect(sorts.map(({ example }) => example.pod.metadata.deletionTimestamp)).toEqual([
      deletionTimestamp,
    ]);
  });

  test("knows the pods with affinity, as they come and go", () => {
    const cache = new NodeCache();
    cache.setNode(inZone("a", "east"));
    const sorts = () => [...cache.census.podsWithAffinity()].length;
    expect(sorts()).toBe(0);
    cache.setPod(aPod("p", { affinity: { podAntiAffinity: {} }, nodeName: "a" }));
    expect(sorts()).toBe(1);
    cache.removePod("default/p");
    expect(sorts()).toBe(0);
  });
});
