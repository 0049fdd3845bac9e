import { describe, expect, test } from "vitest";
import { imageLocality } from "../../../src/scheduler/plugins/image-locality.ts";
import { aNode, aPod, cacheOf, cycleOf, scoresOf } from "../made-up-cluster.ts";

const MB = 1024 * 1024;

function podOf(image: string) {
  return aPod("p", { containers: [{ name: "main", image }] });
}

describe("ImageLocality", () => {
  test("prefers the node that has the image, the less so the fewer nodes have it", () => {
    const images = { "nginx:1.25": 1_046 * MB };
    const cache = cacheOf([aNode("a", { images }), aNode("b")]);
    const plugin = imageLocality((image) => cache.nodesWithImage(image));
    // Half of 1046 MB, as half of the nodes have it; from 23 to 1000 MB is from 0 to 100.
    expect(scoresOf(plugin, cycleOf(podOf("nginx:1.25"), cache))).toEqual({ a: 51, b: 0 });
  });

  test("knows an image without a tag as :latest", () => {
    const cache = cacheOf([aNode("a", { images: { "host:5000/nginx:latest": 1_000 * MB } })]);
    const plugin = imageLocality((image) => cache.nodesWithImage(image));
    expect(scoresOf(plugin, cycleOf(podOf("host:5000/nginx"), cache))).toEqual({ a: 100 });
  });

  test("counts the images of init containers as well, and expects more of two than of one", () => {
    const cache = cacheOf([aNode("a", { images: { "setup:1": 1_000 * MB } }), aNode("b")]);
    const plugin = imageLocality((image) => cache.nodesWithImage(image));
    const pod = aPod("p", {
      containers: [{ name: "main", image: "nginx:1.25" }],
      initContainers: [{ name: "setup", image: "setup:1" }],
    });
    // Half of 1000 MB, less 23, of 2000 less 23.
    expect(scoresOf(plugin, cycleOf(pod, cache))).toEqual({ a: 24, b: 0 });
  });

  test("has nothing to say where no node has the image", () => {
    const cache = cacheOf([aNode("a")]);
    const plugin = imageLocality((image) => cache.nodesWithImage(image));
    expect(scoresOf(plugin, cycleOf(podOf("nginx"), cache))).toBeUndefined();
  });

  test("forgets the images of a node that has gone", () => {
    const images = { "nginx:1.25": 500 * MB };
    const cache = cacheOf([aNode("a", { images }), aNode("b", { images })]);
    cache.removeNode("b");
    cache.setNode(aNode("a"));
    expect(cache.nodesWithImage("nginx:1.25")).toBe(0);
  });
});
