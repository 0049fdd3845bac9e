/**
 * The life of a daemon: read the flags, start, say that it is ready, run until it is told to stop,
 * stop in order, and leave with an exit code that says how it went.
 *
 *   0    stopped as asked (SIGTERM, SIGINT), or --help, or --version
 *   1    wrong flags, or it could not start
 *   255  it failed at work: the last line in the log is an F line
 *
 * A second signal while it stops ends it at once.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/server/signal.go, component-base/cli/run.go
 */
import { setMaxListeners } from "node:events";
import { type Clock, keepProcessAlive, systemClock } from "./clock.ts";
import { FlagError, type FlagSet, type Flags, HelpRequested, parseFlags } from "./flags.ts";
import { createLog, fatal, type Log } from "./log.ts";
import { type Random, systemRandom } from "./random.ts";
import { notifySystemd, type ServiceState } from "./sd-notify.ts";
import { usageOf } from "./usage.ts";
import { KUBERNETES_VERSION } from "./version.ts";

export interface DaemonContext<S extends FlagSet> {
  flags: Flags<S>;
  /** The flags that were given, as opposed to left at their defaults. */
  given: ReadonlySet<string>;
  clock: Clock;
  random: Random;
  log: Log;
  /** Aborts when the daemon has to stop. */
  signal: AbortSignal;
  /** Called once, when the daemon is at work. */
  ready(): void;
  /** Ends the daemon as failed: what it can't go on without is lost. */
  fail(error: unknown): void;
}

export interface Daemon<S extends FlagSet = FlagSet> {
  /** "kube-scheduler" */
  name: string;
  /** What --version prints; absent: which Kubernetes this is. */
  version?: string;
  /** The first lines of --help. */
  about: string;
  flags: S;
  /** Runs until the signal aborts, then puts everything in order and resolves. */
  run(context: DaemonContext<S>): Promise<void>;
}

/** A sentence for the person at the terminal: no stack is printed. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** What a process gives a daemon. */
export interface DaemonProcess {
  args: readonly string[];
  clock: Clock;
  random: Random;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Tells of each SIGTERM and SIGINT. */
  onSignal(handler: (name: string) => void): void;
  /** Tells of what nobody caught. */
  onUncaught(handler: (error: unknown) => void): void;
  notify(state: ServiceState): Promise<boolean>;
  /** Ends the process. */
  exit(code: number): void;
}

/** Runs a daemon as this process, which ends when the daemon does and not before. */
export function runDaemon<S extends FlagSet>(daemon: Daemon<S>): Promise<void> {
  keepProcessAlive();
  return runDaemonIn(daemon, thisProcess());
}

export async function runDaemonIn<S extends FlagSet>(
  daemon: Daemon<S>,
  of: DaemonProcess,
): Promise<void> {
  const parsed = parseOrExplain(daemon, of);
  if (!parsed) return;
  const { values, given, notices, warnings } = parsed;
  for (const notice of notices) of.stderr(`${notice}\n`);
  const log = createLog(daemon.name, {
    clock: of.clock,
    verbosity: typeof values.v === "number" ? values.v : 0,
    write: (line) => of.stderr(line),
  });
  for (const warning of warnings) log.warn(warning);
  for (const [name, value] of Object.entries(values)) log.info("FLAG", { name, value }, 1);

  const life = new Life(daemon.name, of, log);
  const context = { flags: values, given, clock: of.clock, random: of.random, log };
  try {
    await daemon.run({
      ...context,
      signal: life.signal,
      ready: () => life.tell("READY=1"),
      fail: (error) => life.die(error),
    });
    life.end(0);
  } catch (error) {
    life.fail(error);
  }
}

function parseOrExplain<S extends FlagSet>(daemon: Daemon<S>, of: DaemonProcess) {
  try {
    if (of.args.some((arg) => arg === "--version" || arg === "--version=true")) {
      of.stdout(`${daemon.version ?? `Kubernetes ${KUBERNETES_VERSION}`}\n`);
      of.exit(0);
      return undefined;
    }
    const parsed = parseFlags(daemon.flags, of.args);
    const [extra] = parsed.positional;
    if (extra === undefined) return parsed;
    throw new FlagError(
      `unknown command ${JSON.stringify(extra)} for ${JSON.stringify(daemon.name)}`,
    );
  } catch (error) {
    if (error instanceof HelpRequested) {
      of.stdout(usageOf(daemon.name, daemon.about, daemon.flags));
      of.exit(0);
    } else if (error instanceof FlagError) {
      of.stderr(`Error: ${error.message}\nSee '${daemon.name} --help' for usage.\n`);
      of.exit(1);
    } else throw error;
    return undefined;
  }
}

/** From the first signal to the exit code. */
class Life {
  readonly #name: string;
  readonly #of: DaemonProcess;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #hasEnded = false;

  constructor(name: string, of: DaemonProcess, log: Log) {
    this.#name = name;
    this.#of = of;
    this.#log = log;
    // Every informer, queue and timer of a daemon listens to its end.
    setMaxListeners(0, this.#stop.signal);
    of.onSignal((signalName) => this.#onSignal(signalName));
    of.onUncaught((error) => this.die(error));
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Tells the service manager, if there is one. */
  tell(state: ServiceState): void {
    this.#of.notify(state).catch((error: unknown) => {
      this.#log.warn("Could not tell systemd", { state, err: String(error) });
    });
  }

  end(code: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#of.exit(code);
  }

  /** It gave up by itself: in one sentence if it could not start, else with its stack. */
  fail(error: unknown): void {
    if (error instanceof StartError) {
      this.#of.stderr(`${this.#name}: ${error.message}\n`);
      this.end(1);
    } else this.die(error);
  }

  die(error: unknown): void {
    if (this.#hasEnded) return;
    this.#of.stderr(fatal(this.#name, this.#of.clock, error));
    this.end(255);
  }

  #onSignal(name: string): void {
    if (this.signal.aborted) {
      this.end(1);
      return;
    }
    this.#log.info(`Received ${name}, stopping`);
    this.tell("STOPPING=1");
    this.#stop.abort();
  }
}

function thisProcess(): DaemonProcess {
  return {
    args: process.argv.slice(2),
    clock: systemClock,
    random: systemRandom,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    onSignal(handler) {
      for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => handler(name));
    },
    onUncaught(handler) {
      process.on("uncaughtException", handler);
      process.on("unhandledRejection", handler);
    },
    notify: (state) => notifySystemd(state),
    exit: (code) => process.exit(code),
  };
}
