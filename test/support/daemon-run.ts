/** A daemon run inside the test's own process: what it prints, tells systemd, and ends with. */
import { expect } from "vitest";
import { systemClock } from "../../src/component/clock.ts";
import { type Daemon, type DaemonProcess, runDaemonIn } from "../../src/component/daemon.ts";
import type { FlagSet } from "../../src/component/flags.ts";
import { seededRandom } from "../../src/component/random.ts";
import { eventually } from "./eventually.ts";

export interface DaemonRun {
  /** All it has written to standard error. */
  err: string;
  /** Its exit codes: at most one. */
  exits: number[];
  /** What it told systemd. */
  told: string[];
  /** SIGTERM, and waits. */
  stop(): Promise<void>;
}

/** `seed`: two runs of one test must not make the same names. */
export function runInProcess<S extends FlagSet>(
  daemon: Daemon<S>,
  args: readonly string[],
  seed = 1,
): DaemonRun {
  let onSignal: (name: string) => void = () => undefined;
  const of: DaemonProcess & DaemonRun = {
    args,
    clock: systemClock,
    random: seededRandom(seed),
    err: "",
    exits: [],
    told: [],
    stdout: () => undefined,
    stderr(text) {
      of.err += text;
    },
    onSignal(handler) {
      onSignal = handler;
    },
    onUncaught: () => undefined,
    notify: async (state) => of.told.push(state) > 0,
    exit: (code) => void of.exits.push(code),
    async stop() {
      if (of.exits.length === 0) onSignal("SIGTERM");
      await eventually(() => expect(of.exits).not.toEqual([]));
    },
  };
  void runDaemonIn(daemon, of);
  return of;
}
