/** Time that moves only when told to, and takes its timers along in their order. */
import type { Clock, Timer } from "../../src/component/clock.ts";

interface Pending {
  atMs: number;
  callback: () => void;
}

export class TestClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  readonly #timers = new Set<Pending>();

  constructor(start = "2014-06-06T00:00:00Z") {
    this.#nowMs = Date.parse(start);
    this.#startMs = this.#nowMs;
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const timer = { atMs: this.#nowMs + Math.max(delayMs, 0), callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** When the next timer is due, on the monotonic scale; undefined: none is set. */
  get nextDueMs(): number | undefined {
    const next = this.#next(Infinity);
    return next && next.atMs - this.#startMs;
  }

  /** Moves time on by `ms`, calling each timer at its own moment, those set on the way included. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = endMs;
  }

  #next(endMs: number): Pending | undefined {
    let first: Pending | undefined;
    for (const timer of this.#timers) {
      if (timer.atMs <= endMs && (first === undefined || timer.atMs < first.atMs)) first = timer;
    }
    return first;
  }
}
