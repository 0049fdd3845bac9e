/** Time that moves only when told to, and then at once. */
import type { Clock, Timer } from "../../src/component/clock.ts";

interface Pending {
  atMs: number;
  callback(): void;
}

export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #startMs = Date.parse("2014-06-06T00:00:00Z");
  readonly #pending = new Set<Pending>();

  now(): Date {
    return new Date(this.#startMs + this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#pending.size;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#pending.add(timer);
    return { cancel: () => void this.#pending.delete(timer) };
  }

  /** Moves on by `ms`, calling what falls due on the way, each at its own time. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#pending].filter((timer) => timer.atMs <= end);
      const next = due.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#pending.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = end;
  }
}
