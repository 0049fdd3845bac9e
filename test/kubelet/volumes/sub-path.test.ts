import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { diskFiles } from "../../../src/kubelet/node/disk-files.ts";
import { makeSubPath } from "../../../src/kubelet/volumes/sub-path.ts";
import { startTestNode } from "../test-node.ts";

describe("a subPath", () => {
  let volume: string;
  beforeEach(() => {
    volume = mkdtempSync(join(tmpdir(), "sub-path-"));
    mkdirSync(join(volume, "data"));
  });
  afterEach(() => rmSync(volume, { recursive: true }));

  test.each([
    ["data", "data"],
    ["data/new/deep", "data/new/deep"],
    ["./data//new/", "data/new"],
  ])("%j is the directory %j of the volume, made where it is missing", async (given, expected) => {
    const path = await makeSubPath(diskFiles, volume, given);

    expect(path).toBe(join(volume, expected));
    expect(await diskFiles.kindOf(path)).toBe("directory");
  });

  test("may follow links within the volume, and leaves none in the path", async () => {
    symlinkSync("data", join(volume, "current"));

    expect(await makeSubPath(diskFiles, volume, "current/a")).toBe(join(volume, "data/a"));
  });

  test.each(["/etc", "..", "../../etc"])("that a link leads to %j is refused", async (target) => {
    symlinkSync(target, join(volume, "out"));

    await expect(makeSubPath(diskFiles, volume, "out/passwd")).rejects.toThrow(
      `subpath "out/passwd" not within volume path "${volume}"`,
    );
  });

  test("that leads out holds its container back", async () => {
    const node = await startTestNode();
    await node.node.files.makeDirectory("/srv/share");
    await node.node.files.makeDirectory("/secret");
    await node.node.files.link("/secret", "/srv/share/out");
    await node.run("sly", {
      volumes: [{ name: "share", hostPath: { path: "/srv/share" } }],
      containers: [
        {
          name: "main",
          image: "busybox",
          volumeMounts: [{ name: "share", mountPath: "/mnt", subPath: "out" }],
        },
      ],
    });
    const waiting = (
      await node.until("sly", ({ status }) => {
        const state = status?.containerStatuses?.[0]?.state;
        return state?.waiting?.reason === "CreateContainerConfigError";
      })
    ).status?.containerStatuses?.[0]?.state?.waiting;
    await node.stop();

    expect(waiting?.message).toBe(
      'failed to prepare subPath for volumeMount "share" of container "main"',
    );
  });
});
