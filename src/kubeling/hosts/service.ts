/**
 * A unit at work on a host of the lab: its command line with its variables, started, waited for, and
 * started again when it fails, as systemd would.
 *
 * In Kubernetes: not there; systemd.service(5). Differs: no users, limits or dependencies but the order;
 * readiness is asked for (readiness.ts).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { type Clock, sleep } from "../../component/clock.ts";
import { commandWords } from "./command-words.ts";
import { parseEnvironmentFile, type Variables } from "./environment-file.ts";
import { isReady } from "./readiness.ts";
import type { Unit } from "./unit-file.ts";

export type ServiceState = "waiting" | "starting" | "active" | "inactive" | "failed";

export interface ServiceStatus {
  state: ServiceState;
  pid: number | undefined;
  /** How often it has been started again. */
  restarts: number;
}

export interface ServiceOptions {
  clock: Clock;
  /** Where its output goes. */
  logFile: string;
  onChange(): void;
}

const LOOK_AGAIN_MS = 100;
/** systemd's own: who has not ended by then is killed. */
const STOP_TIMEOUT_MS = 90_000;

interface Running {
  child: ChildProcess;
  /** Resolves to its exit code. */
  ended: Promise<number>;
}

export class Service {
  readonly unit: Unit;
  readonly #options: ServiceOptions;
  #status: ServiceStatus = { state: "waiting", pid: undefined, restarts: 0 };
  #running: Running | undefined;
  /** Grows with every start and stop, so that one that is not the latest knows that it is over. */
  #order = 0;

  constructor(unit: Unit, options: ServiceOptions) {
    this.unit = unit;
    this.#options = options;
  }

  get status(): ServiceStatus {
    return this.#status;
  }

  /** Resolves when it is active for the first time, or has failed for good. */
  async start(): Promise<void> {
    if (["starting", "active"].includes(this.#status.state)) return;
    await this.#keepTrying(++this.#order);
  }

  /** Resolves when its process has ended. */
  async stop(): Promise<void> {
    this.#order++;
    const { clock } = this.#options;
    const running = this.#running;
    if (running !== undefined) {
      running.child.kill("SIGTERM");
      const timer = clock.setTimeout(() => running.child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await running.ended;
      timer.cancel();
    }
    this.#change({ state: "inactive", pid: undefined });
  }

  async #keepTrying(order: number): Promise<void> {
    while (order === this.#order) {
      this.#change({ state: "starting" });
      const hasStarted =
        this.unit.type === "oneshot" ? await this.#runsOnce() : await this.#runs(order);
      if (hasStarted || order !== this.#order) return;
      if (!this.unit.restartsOnFailure) return this.#change({ state: "failed", pid: undefined });
      await this.#pauseBeforeRestart();
    }
  }

  async #runsOnce(): Promise<boolean> {
    for (const line of this.unit.start) if ((await this.#run(line).ended) !== 0) return false;
    this.#change({ state: "active", pid: undefined });
    return true;
  }

  /** True once it is ready; from then on it is watched over. */
  async #runs(order: number): Promise<boolean> {
    const { child, ended } = this.#run(this.unit.start[0]!);
    this.#running = { child, ended };
    this.#change({ pid: child.pid });
    let hasEnded = false;
    void ended.then(() => {
      hasEnded = true;
      this.#running = undefined;
    });
    while (!hasEnded && !(await isReady(this.unit.name))) {
      await sleep(this.#options.clock, LOOK_AGAIN_MS);
    }
    for (const line of this.unit.startPost) {
      if (!hasEnded && (await this.#run(line).ended) !== 0) child.kill();
    }
    if (hasEnded || order !== this.#order) return false;
    this.#change({ state: "active" });
    void ended.then((code) => this.#onEnd(code, order));
    return true;
  }

  async #onEnd(code: number, order: number): Promise<void> {
    if (order !== this.#order) return;
    if (code === 0 || !this.unit.restartsOnFailure) {
      this.#change({ state: "failed", pid: undefined });
      return;
    }
    await this.#pauseBeforeRestart();
    await this.#keepTrying(order);
  }

  async #pauseBeforeRestart(): Promise<void> {
    this.#change({ state: "starting", pid: undefined, restarts: this.#status.restarts + 1 });
    await sleep(this.#options.clock, this.unit.restartMs);
  }

  /** The variables are read anew for each start: they may be another unit's work. */
  #run(line: string): Running {
    const variables = this.#variables();
    const [program = "", ...args] = commandWords(line, variables);
    const log = openSync(this.#options.logFile, "a");
    const child = spawn(program, args, {
      cwd: this.unit.workingDirectory ?? "/",
      env: { ...process.env, ...variables },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    const ended = new Promise<number>((resolve) => {
      child.on("error", () => resolve(-1));
      child.on("exit", (code) => resolve(code ?? -1));
    });
    return { child, ended };
  }

  #variables(): Variables {
    const files = this.unit.environmentFiles.filter(
      ({ path, isOptional }) => !isOptional || existsSync(path),
    );
    return Object.assign(
      {},
      ...files.map(({ path }) => parseEnvironmentFile(readFileSync(path, "utf8"))),
    );
  }

  #change(change: Partial<ServiceStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#options.onChange();
  }
}
