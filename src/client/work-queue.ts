/**
 * A queue of keys that need looking at.
 *
 * A key is in the queue at most once, and is never handed to two workers at a time: a key added
 * while it is being worked on comes back when the worker is done. So a hundred changes to one
 * object cost one or two syncs, not a hundred, and a sync never races with itself.
 *
 * A key that failed comes back later and later: 5 ms, 10 ms, 20 ms, up to 1000 s.
 *
 * In Kubernetes: k8s.io/client-go/util/workqueue. Differs: one queue does what Go stacks of three
 * (delaying, rate limiting); no overall limit of retries per second; it can be paused and stepped.
 */
import type { Clock, Timer } from "../component/clock.ts";

export interface WorkQueueOptions {
  clock: Clock;
  firstRetryMs?: number;
  lastRetryMs?: number;
  /** Told how many keys wait, whenever that changes. */
  onDepth?(depth: number): void;
  /** Told how long the key taken just now has waited. */
  onWaited?(waitedMs: number): void;
}

interface Delayed {
  atMs: number;
  timer: Timer;
  isRetry: boolean;
}

const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 1_000_000;

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Keys in line, with when they joined it. A Map keeps the order of insertion. */
  readonly #waiting = new Map<string, number>();
  readonly #dirtyWhileBusy = new Set<string>();
  readonly #busy = new Set<string>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #isPaused = false;
  #isClosed = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** True when no key waits its turn and none is being worked on. Delayed keys don't count. */
  get idle(): boolean {
    return this.#waiting.size === 0 && this.#busy.size === 0;
  }

  get depth(): number {
    return this.#waiting.size;
  }

  /** The keys that wait for another try after a failure. */
  get retries(): number {
    let count = 0;
    for (const { isRetry } of this.#delayed.values()) if (isRetry) count++;
    return count;
  }

  add(key: string): void {
    if (this.#isClosed || this.#waiting.has(key)) return;
    if (this.#busy.has(key)) {
      this.#dirtyWhileBusy.add(key);
      return;
    }
    this.#waiting.set(key, this.#options.clock.monotonicMs());
    this.#options.onDepth?.(this.#waiting.size);
    if (!this.#isPaused) this.#handOut();
  }

  /** Adds `key` after `delayMs`, or sooner if that was asked for already. */
  addAfter(key: string, delayMs: number): void {
    if (delayMs > 0) this.#delay(key, delayMs, false);
    else this.add(key);
  }

  /** Adds `key` after its back-off, which doubles with every retry until `forget`. */
  retry(key: string): void {
    const { firstRetryMs = FIRST_RETRY_MS, lastRetryMs = LAST_RETRY_MS } = this.#options;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#delay(key, Math.min(firstRetryMs * 2 ** failures, lastRetryMs), true);
  }

  failuresOf(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Says that `key` succeeded: its back-off starts again from the beginning. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Takes the next key, waiting for one; undefined once the queue is closed. */
  take(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#takers.push(resolve);
      if (this.#isClosed) this.close();
      else if (!this.#isPaused) this.#handOut();
    });
  }

  /** Says that the worker is done with `key`. */
  done(key: string): void {
    this.#busy.delete(key);
    if (this.#dirtyWhileBusy.delete(key)) this.add(key);
  }

  /** Hands out no more keys, until `resume`. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#handOut();
  }

  /** Hands out one key while paused. */
  step(): void {
    this.#handOutOne();
  }

  /** Lets the workers go and forgets all keys. */
  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    this.#waiting.clear();
    this.#dirtyWhileBusy.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #delay(key: string, delayMs: number, isRetry: boolean): void {
    if (this.#isClosed) return;
    const { clock } = this.#options;
    const atMs = clock.monotonicMs() + delayMs;
    const earlier = this.#delayed.get(key);
    if (earlier !== undefined && earlier.atMs <= atMs) return;
    earlier?.timer.cancel();
    const timer = clock.setTimeout(() => {
      this.#delayed.delete(key);
      this.add(key);
    }, delayMs);
    this.#delayed.set(key, { atMs, timer, isRetry });
  }

  #handOut(): void {
    while (this.#takers.length > 0 && this.#handOutOne());
  }

  #handOutOne(): boolean {
    const next = this.#waiting.entries().next().value;
    const taker = next && this.#takers.shift();
    if (next === undefined || taker === undefined) return false;
    const [key, sinceMs] = next;
    this.#waiting.delete(key);
    this.#busy.add(key);
    this.#options.onDepth?.(this.#waiting.size);
    this.#options.onWaited?.(this.#options.clock.monotonicMs() - sinceMs);
    taker(key);
    return true;
  }
}
