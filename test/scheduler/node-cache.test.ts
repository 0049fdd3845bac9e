import { describe, expect, test } from "vitest";
import { PodInfo } from "../../src/scheduler/pod-info.ts";
import { aNode, aPod, cacheOf } from "./made-up-cluster.ts";

const small = { requests: { cpu: "1", memory: "1Gi" } };

describe("the node cache", () => {
  test("counts a pod from the moment it is assumed to be there", () => {
    const cache = cacheOf([aNode("a")]);
    const pod = new PodInfo(aPod("p", small));
    cache.assume(pod, "a");
    expect(cache.isAssumed("default/p")).toBe(true);
    expect(cache.nodes()[0]!.requested).toMatchObject({ milliCpu: 1000, memory: 2 ** 30 });

    cache.forget(pod);
    expect(cache.nodes()[0]!.requested).toMatchObject({ milliCpu: 0, memory: 0 });
  });

  test("counts it once when the API server confirms it, and does not forget it then", () => {
    const cache = cacheOf([aNode("a")]);
    const pod = new PodInfo(aPod("p", small));
    cache.assume(pod, "a");
    cache.setPod(aPod("p", { ...small, nodeName: "a" }));
    cache.forget(pod);
    expect(cache.isAssumed("default/p")).toBe(false);
    expect(cache.nodes()[0]!.requested.milliCpu).toBe(1000);
  });

  test("moves it when it turns out to be elsewhere", () => {
    const cache = cacheOf([aNode("a"), aNode("b")]);
    cache.assume(new PodInfo(aPod("p", small)), "a");
    cache.setPod(aPod("p", { ...small, nodeName: "b" }));
    expect(cache.nodes().map(({ pods }) => pods.size)).toEqual([0, 1]);
  });

  test("does not forget a namesake that was assumed since", () => {
    const cache = cacheOf([aNode("a")]);
    const old = new PodInfo(aPod("p", small));
    cache.assume(old, "a");
    cache.removePod("default/p");
    cache.assume(new PodInfo(aPod("p", small)), "a");
    cache.forget(old);
    expect(cache.nodes()[0]!.pods.size).toBe(1);
  });

  test("remembers the pods of a node that has gone for a moment", () => {
    const cache = cacheOf([aNode("a")], { a: [aPod("p", small)] });
    cache.removeNode("a");
    expect(cache.nodes()).toEqual([]);
    cache.setNode(aNode("a"));
    expect(cache.nodes()[0]!.requested.milliCpu).toBe(1000);
  });

  test("has its sums at nothing again when all pods have gone", () => {
    const gpu = { requests: { cpu: "100m", "nvidia.com/gpu": "2" } };
    const cache = cacheOf([aNode("a")], { a: [aPod("p", small), aPod("q", gpu)] });
    cache.removePod("default/p");
    cache.removePod("default/q");
    const { requested, nonZeroRequested } = cache.nodes()[0]!;
    expect({ ...requested, scalars: [...requested.scalars] }).toEqual({
      milliCpu: 0,
      memory: 0,
      ephemeralStorage: 0,
      scalars: [["nvidia.com/gpu", 0]],
    });
    expect(nonZeroRequested).toMatchObject({ milliCpu: 0, memory: 0 });
  });

  test("lists nodes zone by zone, one of each in turn", () => {
    const inZone = (name: string, zone: string) =>
      aNode(name, { labels: { "topology.kubernetes.io/zone": zone } });
    const cache = cacheOf([
      inZone("a1", "a"),
      inZone("a2", "a"),
      inZone("a3", "a"),
      inZone("b1", "b"),
    ]);
    expect(cache.nodes().map(({ name }) => name)).toEqual(["a1", "b1", "a2", "a3"]);
    cache.setNode(inZone("a3", "c"));
    expect(cache.nodes().map(({ name }) => name)).toEqual(["a1", "a3", "b1", "a2"]);
  });
});
