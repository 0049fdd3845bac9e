import { describe, expect, test } from "vitest";
import {
  type Daemon,
  type DaemonContext,
  type DaemonProcess,
  runDaemonIn,
  StartError,
} from "../../src/component/daemon.ts";
import { flag } from "../../src/component/flags.ts";
import { loggingFlags } from "../../src/component/logging-flags.ts";
import { seededRandom } from "../../src/component/random.ts";
import { TestClock } from "../support/test-clock.ts";

const flags = {
  ...loggingFlags,
  port: flag("int", 80, "The port."),
  "old-port": flag("int", 0, "The port.", { deprecated: "use --port" }),
};

type Context = DaemonContext<typeof flags>;

/** A process that only notes what is done to it. */
class NotedProcess implements DaemonProcess {
  readonly clock = new TestClock();
  readonly random = seededRandom(1);
  readonly args: string[];
  out = "";
  err = "";
  readonly exits: number[] = [];
  readonly told: string[] = [];
  signalled: (name: string) => void = () => undefined;
  uncaught: (error: unknown) => void = () => undefined;
  notifyFails = false;

  constructor(...args: string[]) {
    this.args = args;
  }

  stdout(text: string) {
    this.out += text;
  }
  stderr(text: string) {
    this.err += text;
  }
  onSignal(handler: (name: string) => void) {
    this.signalled = handler;
  }
  onUncaught(handler: (error: unknown) => void) {
    this.uncaught = handler;
  }
  async notify(state: string) {
    if (this.notifyFails) throw new Error("no systemd-notify");
    this.told.push(state);
    return true;
  }
  exit(code: number) {
    this.exits.push(code);
  }
}

const daemon = (run: (context: Context) => Promise<void>): Daemon<typeof flags> => ({
  name: "kube-test",
  about: "A daemon for tests.",
  flags,
  run,
});

const untilStopped = ({ signal }: Context) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));

describe("a daemon", () => {
  test("gets its flags, says that it is ready, and leaves with 0 when it is stopped", async () => {
    const process = new NotedProcess("--port=90");
    let port = 0;
    const running = runDaemonIn(
      daemon(async (context) => {
        port = context.flags.port;
        context.ready();
        await untilStopped(context);
      }),
      process,
    );
    process.signalled("SIGTERM");
    await running;

    expect(port).toBe(90);
    expect(process.told).toEqual(["READY=1", "STOPPING=1"]);
    expect(process.exits).toEqual([0]);
    expect(process.err).toMatch(
      /^I0606 00:00:00\.000000 +\d+ kube-test\] "Received SIGTERM, stopping"\n$/,
    );
  });

  test("ends at once on a second signal", async () => {
    const process = new NotedProcess();
    void runDaemonIn(
      daemon(() => new Promise(() => undefined)),
      process,
    );
    process.signalled("SIGTERM");
    expect(process.exits).toEqual([]);
    process.signalled("SIGINT");
    expect(process.exits).toEqual([1]);
  });

  test.each([
    [["--foo"], "Error: unknown flag: --foo\nSee 'kube-test --help' for usage.\n"],
    [
      ["extra"],
      'Error: unknown command "extra" for "kube-test"\nSee \'kube-test --help\' for usage.\n',
    ],
  ])("refuses %j with exit code 1", async (args, sentence) => {
    const process = new NotedProcess(...args);
    await runDaemonIn(
      daemon(() => Promise.reject(new Error("must not run"))),
      process,
    );
    expect(process.err).toBe(sentence);
    expect(process.exits).toEqual([1]);
  });

  test("prints its usage for --help and leaves with 0", async () => {
    const process = new NotedProcess("--help");
    await runDaemonIn(
      daemon(() => Promise.reject(new Error("must not run"))),
      process,
    );
    expect(process.out).toMatch(
      /^A daemon for tests\.\n\nUsage:\n {2}kube-test \[flags\]\n\nFlags:\n/,
    );
    expect(process.out).toContain("      --port int");
    expect(process.exits).toEqual([0]);
  });

  test("tells which Kubernetes it is for --version", async () => {
    const process = new NotedProcess("--version");
    await runDaemonIn(
      daemon(() => Promise.reject(new Error("must not run"))),
      process,
    );
    expect(process.out).toBe("Kubernetes v1.30.0\n");
    expect(process.exits).toEqual([0]);
  });

  test("says which flags are deprecated or do nothing, and goes on", async () => {
    const process = new NotedProcess("--old-port=1", "--logtostderr=true", "--log-dir=/var/log");
    await runDaemonIn(
      daemon(async () => undefined),
      process,
    );
    const [notice, warning, ...more] = process.err.trim().split("\n");
    expect(notice).toBe("Flag --old-port has been deprecated, use --port");
    expect(warning).toContain(
      '"--log-dir has no effect here: the log always goes to standard error',
    );
    expect(warning).toMatch(/^W/);
    expect(more).toEqual([]);
  });

  test("that can't start says why in one sentence and leaves with 1", async () => {
    const process = new NotedProcess();
    const fails = async () => {
      throw new StartError("failed to listen on 127.0.0.1:80: EACCES");
    };
    await runDaemonIn(daemon(fails), process);
    expect(process.err).toBe("kube-test: failed to listen on 127.0.0.1:80: EACCES\n");
    expect(process.exits).toEqual([1]);
  });

  test.each([
    ["fails", async () => Promise.reject(new TypeError("a bug"))],
    ["says that it can't go on", async ({ fail }: Context) => fail(new TypeError("a bug"))],
  ])("that %s logs the stack and leaves with 255", async (_, run) => {
    const process = new NotedProcess();
    await runDaemonIn(daemon(run), process);
    expect(process.err).toMatch(/^F0606 [^\n]* kube-test\] TypeError: a bug\n {4}at /);
    expect(process.exits).toEqual([255]);
  });

  test("that is hit by an error nobody caught logs the stack and leaves with 255", () => {
    const process = new NotedProcess();
    void runDaemonIn(daemon(untilStopped), process);
    process.uncaught(new TypeError("a bug"));
    expect(process.err).toMatch(/^F0606 [^\n]* kube-test\] TypeError: a bug\n {4}at /);
    expect(process.exits).toEqual([255]);
  });

  test("goes on when nobody can be told that it is ready", async () => {
    const process = new NotedProcess();
    process.notifyFails = true;
    const running = runDaemonIn(
      daemon(async (context) => {
        context.ready();
        await untilStopped(context);
      }),
      process,
    );
    process.signalled("SIGTERM");
    await running;
    expect(process.err).toContain("W0606");
    expect(process.err).toContain('"Could not tell systemd" state="READY=1"');
    expect(process.exits).toEqual([0]);
  });
});
