/** The pure parts of the Docker runtime: names of images, files of the kernel and of the pod. */
import { describe, expect, test } from "vitest";
import { createLog } from "../../../src/component/log.ts";
import { cgroupPaths } from "../../../src/kubelet/runtime/docker/cgroups.ts";
import { imageIdOf, parseImageName } from "../../../src/kubelet/runtime/docker/image-names.ts";
import { OomScore } from "../../../src/kubelet/runtime/docker/oom-score.ts";
import { parseNetwork } from "../../../src/kubelet/runtime/docker/stats.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const DIGEST = `sha256:${"a1".repeat(32)}`;

describe("the name of an image", () => {
  test.each([
    ["nginx", "nginx", "latest"],
    ["nginx:1.25", "nginx", "1.25"],
    ["kubeguide/redis-master", "kubeguide/redis-master", "latest"],
    ["localhost:5000/a/b_c-d:v1.0_x", "localhost:5000/a/b_c-d", "v1.0_x"],
    ["Example.com/a", "Example.com/a", "latest"],
    [`nginx@${DIGEST}`, "nginx", DIGEST],
    [`nginx:1.25@${DIGEST}`, "nginx", DIGEST],
  ])("%s is pulled as %s, %s", (image, fromImage, tag) => {
    expect(parseImageName(image)).toEqual({ fromImage, tag });
  });

  test.each([
    ["", ""],
    ["a b", ""],
    ["nginx:", ""],
    ["-nginx", ""],
    ["nginx:1:2", ""],
    ["nginx@sha256:12", ""],
    ["Nginx", ": repository name (library/Nginx) must be lowercase"],
    ["me/Nginx:1", ": repository name (me/Nginx) must be lowercase"],
    ["localhost:5000/Nginx", ": repository name (Nginx) must be lowercase"],
  ])("%j is refused", (image, why) => {
    expect(() => parseImageName(image)).toThrow(
      `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ` +
        `invalid reference format${why}`,
    );
  });

  test("tells in a status where the image can be had again, if anywhere", () => {
    const pulled = { Id: DIGEST, Size: 1, RepoDigests: [`nginx@${DIGEST}`] };

    expect(imageIdOf(DIGEST, pulled)).toBe(`docker-pullable://nginx@${DIGEST}`);
    expect(imageIdOf(DIGEST, { Id: DIGEST, Size: 1, RepoDigests: null })).toBe(
      `docker://${DIGEST}`,
    );
    expect(imageIdOf(DIGEST, undefined)).toBe(`docker://${DIGEST}`);
  });
});

describe("the control group of a process", () => {
  test("is two paths in version 1", () => {
    const lines = "12:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/\n";

    expect(cgroupPaths(lines)).toEqual({
      version: 1,
      cpu: "/sys/fs/cgroup/cpuacct/docker/abc",
      memory: "/sys/fs/cgroup/memory/docker/abc",
    });
  });

  test("is one path in version 2", () => {
    const path = "/sys/fs/cgroup/system.slice/docker-abc.scope";

    expect(cgroupPaths("0::/system.slice/docker-abc.scope\n")).toEqual({
      version: 2,
      cpu: path,
      memory: path,
    });
  });
});

test("the traffic of a pod is that of its devices but the loopback device", () => {
  const netDev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop
    lo:     999       9    9    0    0     0          0         0      999       9    9    0
  eth0:    1000      10    1    0    0     0          0         0     2000      20    2    0
  eth1:5           1    0    0    0     0          0         0     6      1    0    0
`;

  expect(parseNetwork(netDev)).toEqual({ rxBytes: 1005, txBytes: 2006, rxErrors: 1, txErrors: 2 });
});

describe("protection from running out of memory", () => {
  const lines: string[] = [];
  const log = createLog("kubelet", {
    clock: new ManualClock(),
    verbosity: 0,
    write: (line) => lines.push(line),
  });

  test("is given where the machine can", () => {
    expect(new OomScore(log, true).allowed(-998)).toBe(-998);
  });

  test("is left out where it cannot, which is said once", () => {
    const oomScore = new OomScore(log, false);

    expect([-998, -997, 0, 1000].map((score) => oomScore.allowed(score))).toEqual([0, 0, 0, 1000]);
    expect(lines).toHaveLength(1);
  });

  test("is learnt to be impossible from the first start that fails", () => {
    const oomScore = new OomScore(log, true);
    const refusal = new Error("write /proc/self/oom_score_adj: permission denied");

    expect(oomScore.learnFrom(new Error("no such image"))).toBe(false);
    expect(oomScore.learnFrom(refusal)).toBe(true);
    expect(oomScore.learnFrom(refusal)).toBe(false);
    expect(oomScore.allowed(-998)).toBe(0);
  });
});
