/** How a container looks to Docker, and how it starts and ends. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWith } from "../../support/needs.ts";
import { containerConfig, execIn, logsOf, sandboxConfig } from "./configs.ts";
import { useDocker } from "./docker-node.ts";
import { dockerPrograms, shell } from "./docker-programs.ts";

const MIB = 1024 * 1024;

describeWith(["root", "docker", "busybox"], "a container on Docker", () => {
  const node = useDocker();
  const { startPod, runToEnd, outputOf, live } = node;

  test("runs what it is told, where and with what it is told", async () => {
    const { id } = await runToEnd({
      ...shell('echo "$GREETING from $(pwd)"'),
      workingDir: "/tmp",
      env: [{ name: "GREETING", value: "good = day" }],
    });

    expect((await logsOf(node.runtime, id)).stdout).toBe("good = day from /tmp\n");
  });

  test("sees a directory of the host, for reading only where it says so", async () => {
    const hostPath = join(node.daemon.directory, "volume");
    mkdirSync(hostPath);
    writeFileSync(join(hostPath, "note"), "hello");
    const { id } = await startPod({
      mounts: [
        { hostPath, containerPath: "/rw", readOnly: false },
        { hostPath, containerPath: "/ro", readOnly: true },
      ],
    });

    expect(await outputOf(id, "cat /ro/note; echo world > /rw/note")).toBe("hello");
    expect(readFileSync(join(hostPath, "note"), "utf8")).toBe("world\n");
    const refused = await execIn(node.runtime, id, ["touch", "/ro/other"]);
    expect(refused.stderr).toBe("touch: /ro/other: Read-only file system\n");
  });

  test("has the user, groups, and privileges that it is given", async () => {
    const { id } = await startPod({
      security: {
        privileged: false,
        runAsUser: 1000,
        runAsGroup: 2000,
        supplementalGroups: [3000],
        readOnlyRootFilesystem: true,
        addCapabilities: [],
        dropCapabilities: ["ALL"],
        allowPrivilegeEscalation: false,
      },
    });

    expect(await outputOf(id, "id -u; id -g; id -G")).toBe("1000\n2000\n2000 3000");
    expect(await outputOf(id, "touch /tmp/x 2>&1")).toBe("touch: /tmp/x: Read-only file system");
    expect(await outputOf(id, "grep -E 'CapBnd|NoNewPrivs' /proc/1/status")).toBe(
      "CapBnd:\t0000000000000000\nNoNewPrivs:\t1",
    );
  });

  test("has the shares and limits that it is given", async () => {
    const { id } = await startPod({
      resources: {
        cpuShares: 512,
        cpuLimitMilli: 250,
        memoryLimitBytes: 64 * MIB,
        oomScoreAdjust: 999,
      },
    });

    const { HostConfig } = await node.daemon.docker.getContainer(id).inspect();
    expect(HostConfig).toMatchObject({
      CpuShares: 512,
      CpuPeriod: 100_000,
      CpuQuota: 25_000,
      Memory: 64 * MIB,
      RestartPolicy: { Name: "no" },
    });
    expect(await outputOf(id, "cat /proc/1/oom_score_adj")).toBe("999");
  });

  test("starts although the machine cannot protect it from running out of memory", async () => {
    const resources = {
      cpuShares: 2,
      cpuLimitMilli: 0,
      memoryLimitBytes: 0,
      oomScoreAdjust: -998,
    };

    const { id } = await startPod({ resources });

    expect(await node.runtime.containerStatus(id)).toMatchObject({ state: "running" });
  });

  test("that takes more memory than it may is OOMKilled", async () => {
    const { id } = await runToEnd({
      ...shell("x=a; while :; do x=$x$x; done"),
      resources: {
        cpuShares: 2,
        cpuLimitMilli: 0,
        memoryLimitBytes: 8 * MIB,
        oomScoreAdjust: 1000,
      },
    });

    expect(await node.runtime.containerStatus(id)).toMatchObject({
      state: "exited",
      exitCode: 137,
      reason: "OOMKilled",
    });
  });

  test("leaves a message when it ends, of which the end is kept", async () => {
    const { id, sandboxId } = await runToEnd(
      shell(
        "head -c 5000 /dev/zero | tr '\\0' x > /dev/termination-log; echo last >> /dev/termination-log",
      ),
    );

    const { message } = await node.runtime.containerStatus(id);
    expect(message).toHaveLength(4096);
    expect(message!.endsWith("xxxlast\n")).toBe(true);
    await node.runtime.removeSandbox(sandboxId);
    expect(readdirSync(join(node.daemon.directory, "termination-logs"))).not.toContain(sandboxId);
  });

  test("whose program is not there cannot run, and says why", async () => {
    const pod = sandboxConfig("broken");
    const sandboxId = await node.runtime.runSandbox(pod, live);
    const config = containerConfig({ command: ["/no/such/program"] });
    const id = await node.runtime.createContainer(sandboxId, config, pod);

    await expect(node.runtime.startContainer(id)).rejects.toThrow(
      new RegExp(
        `^failed to start container "${id}": Error response from daemon: .*` +
          'exec: "/no/such/program": stat /no/such/program: no such file or directory',
      ),
    );
    const status = await node.runtime.containerStatus(id);
    expect(status).toMatchObject({
      state: "exited",
      exitCode: 127,
      reason: "ContainerCannotRun",
      message: expect.stringContaining("no such file or directory"),
    });
    expect(status.finishedAt).toEqual(status.createdAt);
  });

  test("left over from a crash between two steps is replaced", async () => {
    const pod = sandboxConfig("crashed");
    const sandboxId = await node.runtime.runSandbox(pod, live);
    const config = containerConfig(dockerPrograms.waits);
    const leftOver = await node.runtime.createContainer(sandboxId, config, pod);

    const id = await node.runtime.createContainer(sandboxId, config, pod);

    expect(id).not.toBe(leftOver);
    const ids = (await node.runtime.listContainers()).map((container) => container.id);
    expect(ids).toContain(id);
    expect(ids).not.toContain(leftOver);
  });

  test("that runs is not replaced by one of the same name", async () => {
    const { pod, sandboxId, id } = await startPod();

    const again = node.runtime.createContainer(sandboxId, containerConfig(), pod);

    await expect(again).rejects.toThrow("You cannot remove a running container");
    expect(await node.runtime.containerStatus(id)).toMatchObject({ state: "running" });
  });

  test("of an image that is not there is refused", async () => {
    const pod = sandboxConfig("no-image");
    const sandboxId = await node.runtime.runSandbox(pod, live);

    await expect(
      node.runtime.createContainer(sandboxId, containerConfig({ image: "missing:1" }), pod),
    ).rejects.toThrow("Error response from daemon: No such image: missing:1");
  });
});
