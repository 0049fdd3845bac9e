import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startTestNode, type TestNode } from "../test-node.ts";

const SIZE = 1_000_000_000;

describe("image garbage collection", () => {
  let node: TestNode;
  let availableBytes = SIZE;
  beforeEach(async () => {
    availableBytes = SIZE / 2;
    node = await startTestNode({
      evictionHard: [],
      usage: async () => ({
        "memory.available": { availableBytes: SIZE, capacityBytes: SIZE },
        "nodefs.available": { availableBytes, capacityBytes: SIZE },
      }),
    });
    for (const image of ["busybox", "redis"]) await node.runtime.pullImage(image);
    await node.run("web", { containers: [{ name: "web", image: "nginx" }] });
    await node.until("web", ({ status }) => status?.phase === "Running");
  });
  afterEach(() => node.stop());
  const images = async () => (await node.runtime.listImages()).flatMap(({ tags }) => tags);

  test("leaves all images below the high threshold", async () => {
    await node.pass(620);

    expect(await images()).toHaveLength(3);
  });

  test("removes the unused ones above it, and tells when that is not enough", async () => {
    availableBytes = SIZE / 10;
    await node.pass(620);

    expect(await images()).toEqual([expect.stringContaining("nginx")]);
    expect((await node.eventsOf("node1")).join("\n")).toMatch(
      /FreeDiskSpaceFailed: Failed to garbage collect required amount of images. Attempted to free 100000000 bytes, but only found \d+ bytes eligible to free./,
    );
  });
});
