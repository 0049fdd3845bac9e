/** What is Docker's own in the Runtime: how containers look to it, and what only real ones can show. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect, createServer as createSocketServer, type Socket } from "node:net";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../../../src/component/clock.ts";
import { silentLog } from "../../../src/component/log.ts";
import { DockerRuntime } from "../../../src/kubelet/runtime/docker/docker-runtime.ts";
import type { ContainerConfig, SandboxConfig } from "../../../src/kubelet/runtime/runtime.ts";
import { startDocker, type TestDocker } from "../../support/docker.ts";
import { eventually } from "../../support/eventually.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { describeWith } from "../../support/needs.ts";
import { containerConfig, execIn, Kept, logsOf, sandboxConfig, watchEvents } from "./configs.ts";
import { dockerPrograms, shell } from "./docker-programs.ts";

const MIB = 1024 * 1024;
const live = new AbortController().signal;

describeWith(["root", "docker", "busybox"], "on Docker", () => {
  let daemon: TestDocker;
  let runtime: DockerRuntime;
  let events: ReturnType<typeof watchEvents>;
  let podCount = 0;

  beforeAll(async () => {
    daemon = await startDocker({ isReachable: true });
    runtime = startRuntime(daemon.endpoint);
    events = watchEvents(runtime);
  });
  afterAll(async () => {
    events?.stop();
    runtime?.close();
    await daemon?.stop();
  });

  const startRuntime = (endpoint: string, clock: Clock = systemClock) =>
    new DockerRuntime({ endpoint, stateDirectory: daemon.directory, clock, log: silentLog });

  async function startPod(
    container: Partial<ContainerConfig> = {},
    sandbox: Partial<SandboxConfig> = {},
  ) {
    const pod = sandboxConfig(`pod-${++podCount}`, sandbox);
    const sandboxId = await runtime.runSandbox(pod, live);
    const config = containerConfig({ ...dockerPrograms.waits, ...container });
    const id = await runtime.createContainer(sandboxId, config, pod);
    await runtime.startContainer(id);
    return { pod, sandboxId, id };
  }
  const runToEnd = async (...args: Parameters<typeof startPod>) => {
    const pod = await startPod(...args);
    await events.until("died", pod.id);
    return pod;
  };
  const outputOf = async (id: string, script: string) =>
    (await execIn(runtime, id, ["sh", "-c", script])).stdout.trim();

  describe("a pod", () => {
    test("is named and labelled as Kubernetes does", async () => {
      const { pod, sandboxId, id } = await startPod({ name: "web", attempt: 3 });

      const [sandbox, container] = await Promise.all(
        [sandboxId, id].map((one) => daemon.docker.getContainer(one).inspect()),
      );
      expect(sandbox!.Name).toBe(`/k8s_POD_${pod.pod.name}_default_${pod.pod.uid}_0`);
      expect(container!.Name).toBe(`/k8s_web_${pod.pod.name}_default_${pod.pod.uid}_3`);
      expect(container!.Config.Labels).toMatchObject({
        "io.kubernetes.pod.name": pod.pod.name,
        "io.kubernetes.pod.namespace": "default",
        "io.kubernetes.pod.uid": pod.pod.uid,
        "io.kubernetes.container.name": "web",
        "io.kubernetes.docker.type": "container",
        "io.kubernetes.sandbox.id": sandboxId,
        "annotation.io.kubernetes.container.restartCount": "3",
      });
      expect(sandbox!.Config.Labels["io.kubernetes.docker.type"]).toBe("podsandbox");
    });

    test("shares network, host name and IPC among its containers, but not process ids", async () => {
      const { sandboxId, id } = await startPod();

      const namespaces = async (container: string) => {
        const { State } = await daemon.docker.getContainer(container).inspect();
        const read = (kind: string) =>
          execFileSync("readlink", [`/proc/${State.Pid}/ns/${kind}`], { encoding: "utf8" });
        return { net: read("net"), ipc: read("ipc"), pid: read("pid") };
      };
      const [sandbox, container] = [await namespaces(sandboxId), await namespaces(id)];
      expect({ ...container, pid: "" }).toEqual({ ...sandbox, pid: "" });
      expect(container.pid).not.toBe(sandbox.pid);
    });

    test("shares process ids where it asks for it, and the pause container is the first", async () => {
      const { id } = await startPod({}, { shareProcessNamespace: true });

      expect(await outputOf(id, "cat /proc/1/cmdline | tr '\\0' ' '")).toContain(
        "sleep 2147483647",
      );
    });

    test("on the host's network has the host's devices and name", async () => {
      const { id } = await startPod({}, { hostNetwork: true });

      expect(await outputOf(id, "hostname")).toBe(readFileSync("/etc/hostname", "utf8").trim());
      expect(await outputOf(id, "ls /sys/class/net")).toContain("lo");
      const { NetworkSettings } = await daemon.docker.getContainer(id).inspect();
      expect(Object.keys(NetworkSettings.Networks)).toEqual([]);
    });

    test("has the hosts and name servers that it is given", async () => {
      const { id, sandboxId, pod } = await startPod(
        {},
        {
          dns: {
            servers: ["10.254.0.10"],
            searches: ["default.svc.cluster.local", "svc.cluster.local"],
            options: ["ndots:5"],
          },
          hostAliases: [{ ip: "10.1.2.3", hostnames: ["foo.local", "bar.local"] }],
        },
      );
      const { ip } = (await runtime.listSandboxes()).find((one) => one.id === sandboxId)!;

      expect(await outputOf(id, "cat /etc/resolv.conf")).toBe(
        "search default.svc.cluster.local svc.cluster.local\n" +
          "nameserver 10.254.0.10\noptions ndots:5",
      );
      expect(await outputOf(id, "cat /etc/hosts")).toBe(
        [
          "# Kubernetes-managed hosts file.",
          "127.0.0.1\tlocalhost",
          "::1\tlocalhost ip6-localhost ip6-loopback",
          "fe00::0\tip6-localnet",
          "fe00::0\tip6-mcastprefix",
          "fe00::1\tip6-allnodes",
          "fe00::2\tip6-allrouters",
          `${ip}\t${pod.hostname}`,
          "",
          "# Entries added by HostAliases.",
          "10.1.2.3\tfoo.local\tbar.local",
        ].join("\n"),
      );
    });

    test("has the kernel parameters that it is given", async () => {
      const { id } = await startPod(
        {},
        { sysctls: { "net.ipv4.ip_unprivileged_port_start": "79" } },
      );

      expect(await outputOf(id, "cat /proc/sys/net/ipv4/ip_unprivileged_port_start")).toBe("79");
    });

    test("takes a port of the host, which another pod cannot have then", async () => {
      const hostPort = 28_080;
      const portMappings = [{ protocol: "TCP" as const, containerPort: 80, hostPort }];
      const { pod } = await startPod({ image: "nginx", command: [], args: [] }, { portMappings });

      await expect
        .poll(() => httpGet("127.0.0.1", hostPort))
        .toContain(`Welcome to nginx on ${pod.hostname}`);
      const other = sandboxConfig("greedy", { portMappings });
      await expect(runtime.runSandbox(other, live)).rejects.toThrow(
        /^failed to start sandbox container for pod "greedy": Error response from daemon: .*address already in use|port is already allocated/,
      );
      expect((await runtime.listSandboxes()).filter(({ pod }) => pod.name === "greedy")).toEqual(
        [],
      );
    });

    test("is not confused with containers that are not ours", async () => {
      const foreign = await daemon.docker.createContainer({
        Image: "busybox",
        name: "k8s_not_ours",
      });

      const ids = [
        ...(await runtime.listContainers()),
        ...(await runtime.listSandboxes()),
        ...(await runtime.stats()).map(({ containerId: id }) => ({ id })),
      ].map(({ id }) => id);

      expect(ids).not.toContain(foreign.id);
    });
  });

  describe("a container", () => {
    test("runs what it is told, where and with what it is told", async () => {
      const { id } = await runToEnd({
        ...shell('echo "$GREETING from $(pwd)"'),
        workingDir: "/tmp",
        env: [{ name: "GREETING", value: "good = day" }],
      });

      expect((await logsOf(runtime, id)).stdout).toBe("good = day from /tmp\n");
    });

    test("sees a directory of the host, for reading only where it says so", async () => {
      const hostPath = join(daemon.directory, "volume");
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
      const refused = await execIn(runtime, id, ["touch", "/ro/other"]);
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

      const { HostConfig } = await daemon.docker.getContainer(id).inspect();
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

      expect(await runtime.containerStatus(id)).toMatchObject({ state: "running" });
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

      expect(await runtime.containerStatus(id)).toMatchObject({
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

      const { message } = await runtime.containerStatus(id);
      expect(message).toHaveLength(4096);
      expect(message!.endsWith("xxxlast\n")).toBe(true);
      await runtime.removeSandbox(sandboxId);
      expect(readdirSync(join(daemon.directory, "termination-logs"))).not.toContain(sandboxId);
    });

    test("whose program is not there cannot run, and says why", async () => {
      const pod = sandboxConfig("broken");
      const sandboxId = await runtime.runSandbox(pod, live);
      const config = containerConfig({ command: ["/no/such/program"] });
      const id = await runtime.createContainer(sandboxId, config, pod);

      await expect(runtime.startContainer(id)).rejects.toThrow(
        new RegExp(
          `^failed to start container "${id}": Error response from daemon: .*` +
            'exec: "/no/such/program": stat /no/such/program: no such file or directory',
        ),
      );
      const status = await runtime.containerStatus(id);
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
      const sandboxId = await runtime.runSandbox(pod, live);
      const config = containerConfig(dockerPrograms.waits);
      const leftOver = await runtime.createContainer(sandboxId, config, pod);

      const id = await runtime.createContainer(sandboxId, config, pod);

      expect(id).not.toBe(leftOver);
      const ids = (await runtime.listContainers()).map((container) => container.id);
      expect(ids).toContain(id);
      expect(ids).not.toContain(leftOver);
    });

    test("that runs is not replaced by one of the same name", async () => {
      const { pod, sandboxId, id } = await startPod();

      const again = runtime.createContainer(sandboxId, containerConfig(), pod);

      await expect(again).rejects.toThrow("You cannot remove a running container");
      expect(await runtime.containerStatus(id)).toMatchObject({ state: "running" });
    });

    test("of an image that is not there is refused", async () => {
      const pod = sandboxConfig("no-image");
      const sandboxId = await runtime.runSandbox(pod, live);

      await expect(
        runtime.createContainer(sandboxId, containerConfig({ image: "missing:1" }), pod),
      ).rejects.toThrow("Error response from daemon: No such image: missing:1");
    });
  });

  describe("exec", () => {
    test("of a program that is not there says so on its output", async () => {
      const { id } = await startPod();

      const { exitCode, stdout } = await execIn(runtime, id, ["no-such-program"]);

      expect(exitCode).toBe(126);
      expect(stdout).toContain('exec: "no-such-program": executable file not found in $PATH');
    });

    test("in a container that has ended is refused", async () => {
      const { id } = await runToEnd(dockerPrograms.prints);

      await expect(execIn(runtime, id, ["true"])).rejects.toThrow(
        `Error response from daemon: Container ${id} is not running`,
      );
    });

    test("tells the program the size of the terminal, now and when it changes", async () => {
      const { id } = await startPod();
      const stdin = new PassThrough();
      let resize: (size: { width: number; height: number }) => void = () => undefined;
      const stdout = new Kept();
      const session = runtime.exec(id, ["sh"], {
        stdin,
        stdout,
        tty: true,
        signal: live,
        onResize(listener) {
          resize = listener;
          listener({ width: 123, height: 40 });
        },
      });

      await expect.poll(() => ask(stdin, stdout, "stty size")).toContain("40 123\r\n");
      resize({ width: 80, height: 24 });
      await expect.poll(() => ask(stdin, stdout, "stty size")).toContain("24 80\r\n");
      stdin.write("exit 5\n");

      expect(await session).toBe(5);
    });

    test("holds little of the output that a slow reader does not take", async () => {
      const { id } = await startPod();
      const command = ["head", "-c", String(32 * MIB), "/dev/zero"];
      const before = bytesInUse();
      const slow = new Reader(1 * MIB);
      const session = runtime.exec(id, command, { stdout: slow, tty: false, signal: live });
      await slow.isStuck;

      // While the one reader is stuck, another one takes as much.
      const fast = new Reader(Number.POSITIVE_INFINITY);
      await runtime.exec(id, command, { stdout: fast, tty: false, signal: live });

      expect(fast.bytes).toBe(32 * MIB);
      expect(bytesInUse() - before).toBeLessThan(4 * MIB);
      slow.goOn();
      expect(await session).toBe(0);
      expect(slow.bytes).toBe(32 * MIB);
    });

    test("ends when the user goes", async () => {
      const { id } = await startPod();
      const user = new AbortController();

      const stdout = new Kept();
      const command = ["sh", "-c", "echo started; sleep 1000"];
      const session = execIn(runtime, id, command, { stdout, signal: user.signal });
      await expect.poll(() => stdout.text).toBe("started\n");
      user.abort(new Error("the user has gone"));

      await expect(session).rejects.toThrow("the user has gone");
    });
  });

  describe("attach", () => {
    test("joins input and output of the container, which ends with the input", async () => {
      const { id } = await startPod({
        ...shell("cat; echo bye >&2"),
        stdin: true,
        stdinOnce: true,
      });
      const stdin = new PassThrough();
      const stdout = new Kept();
      const stderr = new Kept();

      const attached = runtime.attach(id, { stdin, stdout, stderr, tty: false, signal: live });
      stdin.end("hello\n");
      await attached;

      expect({ stdout: stdout.text, stderr: stderr.text }).toEqual({
        stdout: "hello\n",
        stderr: "bye\n",
      });
    });

    test("leaves the container running when the user goes", async () => {
      const { id } = await startPod({ ...shell("while :; do echo tick; sleep 0.05; done") });
      const user = new AbortController();
      const stdout = new Kept();

      const attached = runtime.attach(id, { stdout, tty: false, signal: user.signal });
      await expect.poll(() => stdout.text).toContain("tick\n");
      user.abort();
      await attached;

      expect(await runtime.containerStatus(id)).toMatchObject({ state: "running" });
    });

    test("to a container that has ended is refused", async () => {
      const { id } = await runToEnd(dockerPrograms.prints);

      const attached = runtime.attach(id, { stdout: new Kept(), tty: false, signal: live });

      await expect(attached).rejects.toThrow(`container not running (${id})`);
    });
  });

  describe("port-forward", () => {
    test("reaches a program that listens on the loopback device only", async () => {
      const { sandboxId } = await startPod(shell("httpd -f -p 127.0.0.1:7777"));
      const connection = await expectConnection(sandboxId, 7777);

      connection.write("GET / HTTP/1.0\r\n\r\n");

      expect(await allOf(connection)).toContain("HTTP/1.1 404 Not Found");
    });

    test("loses nothing of what the other side says first", async () => {
      const { sandboxId } = await startPod(shell("nc -ll -p 7777 -e echo welcome"));
      const connection = await expectConnection(sandboxId, 7777);

      expect(await allOf(connection)).toBe("welcome\n");
    });

    test("closes one half at a time, and carries megabytes", async () => {
      const { sandboxId } = await startPod(shell("nc -ll -p 7777 -e wc -c"));
      const connection = await expectConnection(sandboxId, 7777);

      connection.end(Buffer.alloc(16 * MIB));

      expect((await allOf(connection)).trim()).toBe(String(16 * MIB));
    });

    test("leaves no process and no file behind", async () => {
      const { sandboxId } = await startPod(shell("nc -ll -p 7777 -e cat"));
      (await expectConnection(sandboxId, 7777)).destroy();
      const before = openFiles() + childCount();

      for (let i = 0; i < 5; i++) (await runtime.portForward(sandboxId, 7777)).destroy();

      await expect.poll(() => openFiles() + childCount()).toBeLessThanOrEqual(before);
    });
  });

  describe("the connection to the daemon", () => {
    test("is not held open by sessions that are over", async () => {
      const { id } = await startPod();
      const session = async () => {
        await execIn(runtime, id, ["true"]);
        const reader = new AbortController();
        const followed = logsOf(runtime, id, { follow: true, signal: reader.signal });
        reader.abort();
        await followed;
      };
      await session();
      const before = openFiles();

      for (let i = 0; i < 10; i++) await session();

      await expect.poll(openFiles).toBeLessThanOrEqual(before + 1);
    });

    test("says so when there is no daemon", async () => {
      const lost = startRuntime("unix:///no/such/docker.sock");

      await expect(lost.checkReady()).rejects.toThrow(
        "Cannot connect to the Docker daemon at unix:///no/such/docker.sock. Is the docker daemon running?",
      );
      await expect(lost.listContainers()).rejects.toThrow("Is the docker daemon running?");
    });
  });

  test("events that happen while the connection is lost are told when it is back", async () => {
    const socketPath = join(daemon.directory, "cut.sock");
    const proxy = await startSocketProxy(socketPath, daemon.endpoint.slice("unix://".length));
    const behindProxy = startRuntime(`unix://${socketPath}`);
    const told = watchEvents(behindProxy);
    const before = await startPod();
    await told.until("started", before.id);

    proxy.close();
    const meanwhile = await startPod();
    await proxy.listen();

    await told.until("started", meanwhile.id);
    told.stop();
    behindProxy.close();
    proxy.close();
  });

  test("a pull that makes no progress for a minute is given up", async () => {
    const registry = createServer(() => undefined);
    registry.listen(0, "127.0.0.1");
    await once(registry, "listening");
    const { port } = registry.address() as { port: number };
    const clock = new ManualClock();
    const patient = startRuntime(daemon.endpoint, clock);

    const pulling = patient.pullImage(`127.0.0.1:${port}/slow`);
    const outcome = expect(pulling).rejects.toMatchObject({
      reason: "ErrImagePull",
      message: "rpc error: code = Unknown desc = context canceled",
    });
    await once(registry, "connection");
    clock.advance(60_000);

    await outcome;
    expect(clock.pending).toBe(0);
    patient.close();
    registry.closeAllConnections();
    registry.close();
  });

  test("a pull that fails says why, in Docker's words", async () => {
    await expect(runtime.pullImage("127.0.0.1:1/nothing:here")).rejects.toMatchObject({
      name: "ImageError",
      reason: "ErrImagePull",
      message: expect.stringMatching(
        /^rpc error: code = Unknown desc = Error response from daemon: .*connection refused/,
      ),
    });
  });

  test("an image with two names goes with the last of them", async () => {
    await daemon.docker.getImage("busybox").tag({ repo: "twice", tag: "one" });
    const { id } = await daemon.docker
      .createContainer({ Image: "twice:one", Cmd: ["sh", "-c", "exit"] })
      .then((container) => container.commit({ repo: "made", tag: "one" }))
      .then(({ Id }) => ({ id: Id as string }));
    await daemon.docker.getImage(id).tag({ repo: "made", tag: "two" });

    await runtime.removeImage(id);
    await runtime.removeImage(id);

    expect(await runtime.imageStatus("made:one")).toBeUndefined();
    expect(await runtime.imageStatus("made:two")).toBeUndefined();
  });

  test("the figures are the kernel's", async () => {
    const { id, sandboxId } = await startPod(shell("while :; do :; done"));
    const cpuOf = async () => (await statsOf(id)).cpuNanoseconds;
    const first = await cpuOf();

    await expect.poll(cpuOf).toBeGreaterThan(first + 20_000_000);

    const { network } = await statsOf(id);
    const { ip } = (await runtime.listSandboxes()).find((one) => one.id === sandboxId)!;
    await httpGet(ip, 1).catch(() => undefined);
    expect((await statsOf(id)).network!.rxBytes).toBeGreaterThan(network!.rxBytes);
  });

  const statsOf = async (id: string) =>
    (await runtime.stats()).find(({ containerId }) => containerId === id)!;

  /** The program may not listen yet when its container runs. */
  const expectConnection = (sandboxId: string, port: number) =>
    eventually(() => runtime.portForward(sandboxId, port), 5_000);
});

/** Counts what it reads; stops once it has read `patience` bytes, until it is told to go on. */
class Reader extends Writable {
  bytes = 0;
  #patience: number;
  #goOn: () => void = () => undefined;
  #tellStuck: () => void = () => undefined;
  readonly isStuck = new Promise<void>((resolve) => {
    this.#tellStuck = resolve;
  });

  constructor(patience: number) {
    super();
    this.#patience = patience;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.bytes += chunk.length;
    if (this.bytes < this.#patience) {
      done();
    } else {
      this.#goOn = done;
      this.#tellStuck();
    }
  }

  goOn(): void {
    this.#patience = Number.POSITIVE_INFINITY;
    this.#goOn();
  }
}

/** Of buffers that are still held. */
function bytesInUse(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().arrayBuffers;
}

/** Another way to the daemon, which can be closed and opened again. */
async function startSocketProxy(path: string, target: string) {
  const sockets = new Set<Socket>();
  const server = createSocketServer((client) => {
    const upstream = connect(target);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
    }
  });
  const listen = async () => {
    server.listen(path);
    await once(server, "listening");
  };
  await listen();
  return {
    listen,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Asks a shell something, and answers with all it has said so far. */
function ask(stdin: Writable, stdout: Kept, question: string): string {
  stdin.write(`${question}\n`);
  return stdout.text;
}

async function allOf(stream: AsyncIterable<Buffer>): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += chunk;
  return all;
}

async function httpGet(host: string, port: number): Promise<string> {
  const socket = connect({ host, port });
  socket.write("GET / HTTP/1.0\r\n\r\n");
  return allOf(socket);
}

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

function childCount(): number {
  return readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").length;
}
