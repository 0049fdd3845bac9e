/** Exec, attach and port-forward with real programs: terminals, slow readers, half-closed connections, and nothing left behind. */
import { readdirSync, readFileSync } from "node:fs";
import { PassThrough, Writable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { describeWith } from "../../support/needs.ts";
import { allOf, execIn, Kept, logsOf } from "./configs.ts";
import { useDocker } from "./docker-node.ts";
import { dockerPrograms, shell } from "./docker-programs.ts";

const MIB = 1024 * 1024;

describeWith(["root", "docker", "busybox"], "on Docker", () => {
  const node = useDocker();
  const { startPod, runToEnd, live } = node;

  describe("exec", () => {
    test("of a program that is not there says so on its output", async () => {
      const { id } = await startPod();

      const { exitCode, stdout } = await execIn(node.runtime, id, ["no-such-program"]);

      expect(exitCode).toBe(126);
      expect(stdout).toContain('exec: "no-such-program": executable file not found in $PATH');
    });

    test("in a container that has ended is refused", async () => {
      const { id } = await runToEnd(dockerPrograms.prints);

      await expect(execIn(node.runtime, id, ["true"])).rejects.toThrow(
        `Error response from daemon: Container ${id} is not running`,
      );
    });

    test("tells the program the size of the terminal, now and when it changes", async () => {
      const { id } = await startPod();
      const stdin = new PassThrough();
      let resize: (size: { width: number; height: number }) => void = () => undefined;
      const stdout = new Kept();
      const session = node.runtime.exec(id, ["sh"], {
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
      const session = node.runtime.exec(id, command, { stdout: slow, tty: false, signal: live });
      await slow.isStuck;

      // While the one reader is stuck, another one takes as much.
      const fast = new Reader(Number.POSITIVE_INFINITY);
      await node.runtime.exec(id, command, { stdout: fast, tty: false, signal: live });

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
      const session = execIn(node.runtime, id, command, { stdout, signal: user.signal });
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

      const attached = node.runtime.attach(id, { stdin, stdout, stderr, tty: false, signal: live });
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

      const attached = node.runtime.attach(id, { stdout, tty: false, signal: user.signal });
      await expect.poll(() => stdout.text).toContain("tick\n");
      user.abort();
      await attached;

      expect(await node.runtime.containerStatus(id)).toMatchObject({ state: "running" });
    });

    test("to a container that has ended is refused", async () => {
      const { id } = await runToEnd(dockerPrograms.prints);

      const attached = node.runtime.attach(id, { stdout: new Kept(), tty: false, signal: live });

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

      for (let i = 0; i < 5; i++) (await node.runtime.portForward(sandboxId, 7777)).destroy();

      await expect.poll(() => openFiles() + childCount()).toBeLessThanOrEqual(before);
    });
  });

  describe("the connection to the daemon", () => {
    test("is not held open by sessions that are over", async () => {
      const { id } = await startPod();
      const session = async () => {
        await execIn(node.runtime, id, ["true"]);
        const reader = new AbortController();
        const followed = logsOf(node.runtime, id, { follow: true, signal: reader.signal });
        reader.abort();
        await followed;
      };
      await session();
      const before = openFiles();

      for (let i = 0; i < 10; i++) await session();

      await expect.poll(openFiles).toBeLessThanOrEqual(before + 1);
    });
  });

  /** The program may not listen yet when its container runs. */
  const expectConnection = (sandboxId: string, port: number) =>
    eventually(() => node.runtime.portForward(sandboxId, port));
});

/** Asks a shell something, and answers with all it has said so far. */
function ask(stdin: Writable, stdout: Kept, question: string): string {
  stdin.write(`${question}\n`);
  return stdout.text;
}

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

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

function childCount(): number {
  return readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").length;
}
