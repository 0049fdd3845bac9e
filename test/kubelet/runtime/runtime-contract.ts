/**
 * What the kubelet may expect of any Runtime. Docker and the simulator pass the same tests; what a
 * container is to do is told by name, because the simulator runs no programs.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Container,
  type ContainerConfig,
  NotFoundError,
  type Runtime,
  type Sandbox,
} from "../../../src/kubelet/runtime/runtime.ts";
import { containerConfig, execIn, logsOf, sandboxConfig, watchEvents } from "./configs.ts";

/** What a container of the runtime under test must be told to do each of these. */
export interface Programs {
  /** Runs until it is stopped, and ends within a second of being asked to. */
  waits: Partial<ContainerConfig>;
  /** Writes "one", "two", "three" to stdout, one line each, "oops" to stderr, and ends with 0. */
  prints: Partial<ContainerConfig>;
  /** Ends at once with exit code 3. */
  fails: Partial<ContainerConfig>;
  /** Answers HTTP on port 80. */
  serves: Partial<ContainerConfig>;
  /** For exec: print the host name; copy stdin to stdout; end with exit code 7. */
  hostname: string[];
  cat: string[];
  exit7: string[];
}

export interface Subject {
  runtime: Runtime;
  programs: Programs;
  /** A second runtime on the same containers, as a kubelet has that was started again. */
  startAgain(): Runtime;
  /** Ends a container behind the kubelet's back, with SIGKILL. */
  kill(containerId: string): Promise<void>;
  stop(): Promise<void>;
}

export function testRuntime(start: () => Promise<Subject>): void {
  let subject: Subject;
  let runtime: Runtime;
  let programs: Programs;
  let events: ReturnType<typeof watchEvents>;
  let podCount = 0;

  beforeAll(async () => {
    subject = await start();
    runtime = subject.runtime;
    programs = subject.programs;
    events = watchEvents(runtime);
  });
  afterAll(async () => {
    events?.stop();
    await subject?.stop();
  });

  const live = new AbortController().signal;
  const nextPod = () => sandboxConfig(`pod-${++podCount}`);
  const findSandbox = async (id: string): Promise<Sandbox | undefined> =>
    (await runtime.listSandboxes()).find((sandbox) => sandbox.id === id);
  const findContainer = async (id: string): Promise<Container | undefined> =>
    (await runtime.listContainers()).find((container) => container.id === id);

  async function startContainer(program: Partial<ContainerConfig>) {
    const pod = nextPod();
    const sandboxId = await runtime.runSandbox(pod, live);
    const id = await runtime.createContainer(sandboxId, containerConfig(program), pod);
    await runtime.startContainer(id);
    return { pod, sandboxId, id };
  }

  async function runToEnd(program: Partial<ContainerConfig>) {
    const started = await startContainer(program);
    await events.until("died", started.id);
    return started;
  }

  describe("a sandbox", () => {
    test("is ready once it runs, with an address of its own", async () => {
      const pod = { ...nextPod(), attempt: 2 };
      const id = await runtime.runSandbox(pod, live);

      const sandbox = await findSandbox(id);
      expect(sandbox).toMatchObject({
        pod: pod.pod,
        attempt: 2,
        state: "ready",
        hostNetwork: false,
      });
      expect(sandbox!.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    });

    test("has no address of its own on the host's network", async () => {
      const id = await runtime.runSandbox({ ...nextPod(), hostNetwork: true }, live);

      expect(await findSandbox(id)).toMatchObject({ state: "ready", hostNetwork: true, ip: "" });
    });

    test("stops with all its containers, and stays to be looked at", async () => {
      const { sandboxId, id } = await startContainer(programs.waits);

      await runtime.stopSandbox(sandboxId);

      expect(await findSandbox(sandboxId)).toMatchObject({ state: "notReady" });
      expect(await findContainer(id)).toMatchObject({ state: "exited" });
    });

    test("is removed with all its containers", async () => {
      const { sandboxId, id } = await startContainer(programs.waits);

      await runtime.stopSandbox(sandboxId);
      await runtime.removeSandbox(sandboxId);

      expect(await findSandbox(sandboxId)).toBeUndefined();
      expect(await findContainer(id)).toBeUndefined();
    });

    test("that is gone can be stopped and removed again", async () => {
      const id = await runtime.runSandbox(nextPod(), live);
      await runtime.stopSandbox(id);
      await runtime.stopSandbox(id);
      await runtime.removeSandbox(id);

      await runtime.stopSandbox(id);
      await runtime.removeSandbox(id);
    });

    test("is not left behind when the pod is given up meanwhile", async () => {
      const pod = nextPod();
      const givenUp = AbortSignal.abort(new Error("the pod is gone"));

      await expect(runtime.runSandbox(pod, givenUp)).rejects.toThrow("the pod is gone");

      const left = (await runtime.listSandboxes()).filter(
        ({ pod: { uid } }) => uid === pod.pod.uid,
      );
      expect(left).toEqual([]);
    });
  });

  describe("a container", () => {
    test("is created first and runs when it is started", async () => {
      const pod = nextPod();
      const sandboxId = await runtime.runSandbox(pod, live);
      const config = containerConfig({ ...programs.waits, attempt: 4, specHash: "beef" });

      const id = await runtime.createContainer(sandboxId, config, pod);
      expect(await findContainer(id)).toMatchObject({ state: "created" });
      await runtime.startContainer(id);

      const expected = { id, sandboxId, pod: pod.pod, name: "main", attempt: 4, specHash: "beef" };
      expect(await findContainer(id)).toMatchObject({ ...expected, state: "running" });
      const status = await runtime.containerStatus(id);
      expect(status).toMatchObject({ ...expected, state: "running" });
      expect(status.startedAt!.getTime()).toBeGreaterThanOrEqual(status.createdAt.getTime());
      expect(status.exitCode).toBeUndefined();
      expect(status.imageId).toMatch(/^docker(-pullable)?:\/\//);
    });

    test("is told of with its policy about termination messages", async () => {
      const annotations = {
        "io.kubernetes.container.terminationMessagePolicy": "FallbackToLogsOnError",
      };
      const { id } = await startContainer({ ...programs.waits, annotations });

      expect((await runtime.containerStatus(id)).terminationMessagePolicy).toBe(
        "FallbackToLogsOnError",
      );
    });

    test("that ends well is Completed", async () => {
      const { id } = await runToEnd(programs.prints);

      const status = await runtime.containerStatus(id);
      expect(status).toMatchObject({ state: "exited", exitCode: 0, reason: "Completed" });
      expect(status.finishedAt!.getTime()).toBeGreaterThanOrEqual(status.startedAt!.getTime());
    });

    test("that ends badly is an Error, with its exit code", async () => {
      const { id } = await runToEnd(programs.fails);

      const status = await runtime.containerStatus(id);
      expect(status).toMatchObject({ state: "exited", exitCode: 3, reason: "Error" });
    });

    test("that is killed from outside has died of a signal", async () => {
      const { pod, id } = await startContainer(programs.waits);

      await subject.kill(id);

      expect(await events.until("died", id)).toEqual({
        podUid: pod.pod.uid,
        containerId: id,
        type: "died",
      });
      const status = await runtime.containerStatus(id);
      expect(status).toMatchObject({ state: "exited", exitCode: 137, reason: "Error" });
    });

    test("can be stopped twice", async () => {
      const { id } = await startContainer(programs.waits);

      await runtime.stopContainer(id, 5);
      await runtime.stopContainer(id, 5);

      expect(await runtime.containerStatus(id)).toMatchObject({ state: "exited" });
    });

    test("is gone when it is removed, which can be said twice", async () => {
      const { id } = await startContainer(programs.waits);

      await runtime.removeContainer(id);
      await runtime.removeContainer(id);
      await runtime.stopContainer(id, 0);

      await expect(runtime.containerStatus(id)).rejects.toThrow(NotFoundError);
      await events.until("removed", id);
    });

    test("and its sandbox are found again by a kubelet that is started again", async () => {
      const { sandboxId, id } = await startContainer(programs.waits);

      const again = subject.startAgain();

      const sandboxes = await again.listSandboxes();
      expect(sandboxes).toContainEqual(await findSandbox(sandboxId));
      const containers = await again.listContainers();
      expect(containers).toContainEqual(await findContainer(id));
      expect(await again.containerStatus(id)).toEqual(await runtime.containerStatus(id));
    });
  });

  describe("a log", () => {
    test("keeps the two outputs apart", async () => {
      const { id } = await runToEnd(programs.prints);

      expect(await logsOf(runtime, id)).toEqual({ stdout: "one\ntwo\nthree\n", stderr: "oops\n" });
    });

    test.each([
      [0, 0],
      [1, 1],
      [100, 4],
    ])("of which the last %i lines are wanted has %i", async (tailLines, expected) => {
      const { id } = await runToEnd(programs.prints);

      const { stdout, stderr } = await logsOf(runtime, id, { tailLines });

      expect((stdout + stderr).split("\n").length - 1).toBe(expected);
    });

    test("stops after limitBytes, in the middle of a line", async () => {
      const { id } = await runToEnd(programs.prints);

      const { stdout, stderr } = await logsOf(runtime, id, { limitBytes: 6 });

      expect((stdout + stderr).length).toBe(6);
    });

    test("tells when each line was written", async () => {
      const { id } = await runToEnd(programs.prints);

      const { stdout } = await logsOf(runtime, id, { timestamps: true });

      for (const line of stdout.trim().split("\n")) {
        expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z (one|two|three)$/);
      }
    });

    test("has nothing since a time after the last line", async () => {
      const { id } = await runToEnd(programs.prints);
      const { finishedAt } = await runtime.containerStatus(id);

      const later = new Date(finishedAt!.getTime() + 60_000);

      expect(await logsOf(runtime, id, { since: later })).toEqual({ stdout: "", stderr: "" });
      const earlier = new Date(finishedAt!.getTime() - 60_000);
      expect((await logsOf(runtime, id, { since: earlier })).stdout).toBe("one\ntwo\nthree\n");
    });

    test("that is followed ends with its container", async () => {
      const { id } = await startContainer(programs.prints);

      expect((await logsOf(runtime, id, { follow: true })).stdout).toBe("one\ntwo\nthree\n");
    });

    test("that is followed ends when nobody follows any more", async () => {
      const { id } = await startContainer(programs.waits);
      const reader = new AbortController();

      const followed = logsOf(runtime, id, { follow: true, signal: reader.signal });
      reader.abort();

      await followed;
      expect(await findContainer(id)).toMatchObject({ state: "running" });
    });

    test("of a container that is gone is not found", async () => {
      await expect(logsOf(runtime, "0123456789ab")).rejects.toThrow(NotFoundError);
    });
  });

  describe("exec", () => {
    test("runs a command in the pod", async () => {
      const { id, pod } = await startContainer(programs.waits);

      expect(await execIn(runtime, id, programs.hostname)).toEqual({
        exitCode: 0,
        stdout: `${pod.hostname}\n`,
        stderr: "",
      });
    });

    test("resolves to the exit code", async () => {
      const { id } = await startContainer(programs.waits);

      expect((await execIn(runtime, id, programs.exit7)).exitCode).toBe(7);
    });

    test("passes on the end of the input", async () => {
      const { id } = await startContainer(programs.waits);

      const { stdout, exitCode } = await execIn(runtime, id, programs.cat, { input: "a\nb\n" });

      expect({ stdout, exitCode }).toEqual({ stdout: "a\nb\n", exitCode: 0 });
    });
  });

  describe("port-forward", () => {
    test("connects to a port in the pod", async () => {
      const { sandboxId } = await startContainer(programs.serves);

      // The program may not listen yet when its container runs.
      await expect.poll(() => get(runtime, sandboxId, 80)).toMatch(/^HTTP\/1\.[01] 200/);
    });

    test("says that nobody listens", async () => {
      const { sandboxId } = await startContainer(programs.waits);

      await expect(runtime.portForward(sandboxId, 81)).rejects.toThrow("connection refused");
    });
  });

  describe("images", () => {
    test("are known by the names they have", async () => {
      const image = await runtime.imageStatus("busybox");

      // Docker leaves out the registry that is meant where none is named; others do not.
      expect(image!.tags.join()).toMatch(/(^|[/,])busybox:latest(,|$)/);
      expect((await runtime.listImages()).map(({ id }) => id)).toContain(image!.id);
    });

    test("that are not there are undefined", async () => {
      expect(await runtime.imageStatus("nobody/has-this:1.0")).toBeUndefined();
    });

    test("whose name cannot be one are refused", async () => {
      await expect(runtime.pullImage("Busybox")).rejects.toMatchObject({
        reason: "InvalidImageName",
        message: expect.stringContaining(
          'Failed to apply default image tag "Busybox": couldn\'t parse image name "Busybox": ' +
            "invalid reference format",
        ),
      });
    });
  });

  test("stats tell of every running container", async () => {
    const { id, pod } = await startContainer(programs.waits);

    const stats = (await runtime.stats()).find(({ containerId }) => containerId === id);

    expect(stats).toMatchObject({ pod: pod.pod, name: "main" });
    expect(stats!.cpuNanoseconds).toBeGreaterThanOrEqual(0);
    expect(stats!.memoryUsageBytes).toBeGreaterThan(0);
    expect(stats!.memoryWorkingSetBytes).toBeLessThanOrEqual(stats!.memoryUsageBytes);
  });

  test("the runtime is ready, and knows its version", async () => {
    await runtime.checkReady();

    expect((await runtime.version()).version).toMatch(/^\d+\.\d+/);
  });
}

async function get(runtime: Runtime, sandboxId: string, port: number): Promise<string> {
  const connection = await runtime.portForward(sandboxId, port);
  connection.write("GET / HTTP/1.0\r\nHost: pod\r\n\r\n");
  let answer = "";
  for await (const chunk of connection) answer += chunk;
  return answer;
}
