/**
 * When a proxy syncs: at once after a change, but not more often than the kernel can take, and
 * every so often to see whether the rules are still what they were.
 *
 * Rule: one sync at a time. Two changes may follow each other at once, then there is one sync in
 * each `minPeriodMs`, for all changes in between. What failed is tried again, more and more slowly,
 * and then with a look at what the kernel holds.
 *
 * In Kubernetes: pkg/util/async/bounded_frequency_runner.go
 */
import { type Clock, every, sleep } from "../component/clock.ts";
import type { Log } from "../component/log.ts";

export interface SyncRunnerOptions {
  /** `isCheck`: take nothing for granted that was applied before. */
  sync(isCheck: boolean): Promise<void>;
  minPeriodMs: number;
  checkPeriodMs: number;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

const BURST = 2;
const FIRST_RETRY_MS = 1_000;

export class SyncRunner {
  readonly #options: SyncRunnerOptions;
  /** How many syncs may begin at once, as of that time; they come back with time. */
  #turns = BURST;
  #turnsAtMs: number;
  #isRequested = false;
  #isCheckRequested = false;
  #wake: () => void = () => undefined;
  #oldestRequestMs: number | undefined;
  #failures = 0;

  constructor(options: SyncRunnerOptions) {
    this.#options = options;
    this.#turnsAtMs = options.clock.monotonicMs();
  }

  /** Runs until the signal aborts. */
  async run(): Promise<void> {
    const { clock, checkPeriodMs, signal } = this.#options;
    every(clock, checkPeriodMs, signal, () => this.request(true));
    signal.addEventListener("abort", () => this.#wake(), { once: true });
    while (!signal.aborted) {
      if (!this.#isRequested) await new Promise<void>((resolve) => (this.#wake = resolve));
      if (!this.#isCheckRequested) await this.#waitForTurn();
      if (!signal.aborted) await this.#syncOnce();
    }
  }

  request(isCheck = false): void {
    this.#isRequested = true;
    this.#isCheckRequested ||= isCheck;
    this.#oldestRequestMs ??= this.#options.clock.monotonicMs();
    this.#wake();
  }

  /** How long the oldest change has been waiting to be applied; 0 when none is. */
  get waitingMs(): number {
    if (this.#oldestRequestMs === undefined) return 0;
    return this.#options.clock.monotonicMs() - this.#oldestRequestMs;
  }

  async #syncOnce(): Promise<void> {
    const { clock, sync, log, checkPeriodMs, signal } = this.#options;
    const isCheck = this.#isCheckRequested;
    const requestedMs = this.#oldestRequestMs;
    this.#isRequested = this.#isCheckRequested = false;
    this.#oldestRequestMs = undefined;
    try {
      await sync(isCheck);
      this.#failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      const delayMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures++, checkPeriodMs);
      log.error("Sync failed", error, { retryingTime: `${delayMs / 1_000}s` });
      this.#oldestRequestMs = requestedMs;
      clock.setTimeout(() => this.request(true), delayMs);
    }
  }

  /** Returns early when it is stopped. */
  async #waitForTurn(): Promise<void> {
    const { clock, minPeriodMs, signal } = this.#options;
    this.#countTurns();
    const waitMs = (1 - this.#turns) * minPeriodMs;
    if (waitMs > 0) {
      try {
        await sleep(clock, waitMs, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
      this.#countTurns();
    }
    this.#turns = Math.max(0, this.#turns - 1);
  }

  #countTurns(): void {
    const { clock, minPeriodMs } = this.#options;
    const nowMs = clock.monotonicMs();
    const passed = minPeriodMs > 0 ? (nowMs - this.#turnsAtMs) / minPeriodMs : BURST;
    this.#turns = Math.min(BURST, this.#turns + passed);
    this.#turnsAtMs = nowMs;
  }
}
