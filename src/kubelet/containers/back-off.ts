/**
 * Back-off: how long to wait before doing again what failed. 10 s the first time, twice as long each
 * time after, 5 minutes at most; forgotten when all went well for 10 minutes.
 *
 * The wait is counted from an event outside (the end of the container), not from the last attempt.
 *
 * In Kubernetes: staging/src/k8s.io/client-go/util/flowcontrol/backoff.go
 */
import type { Clock } from "../../component/clock.ts";

const INITIAL_MS = 10_000;
const MAX_MS = 300_000;

interface Entry {
  delayMs: number;
  updatedAtMs: number;
}

export class BackOff {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds still to wait, if `key` failed at `since`; 0 when it may be tried again. */
  remainingMs(key: string, since: Date): number {
    const entry = this.#entries.get(key);
    if (entry === undefined || isExpired(entry, since.getTime())) return 0;
    return Math.max(0, since.getTime() + entry.delayMs - this.#clock.now().getTime());
  }

  /** The same, counted from the last call of `next`. */
  remainingSinceUpdateMs(key: string): number {
    const entry = this.#entries.get(key);
    return entry === undefined ? 0 : this.remainingMs(key, new Date(entry.updatedAtMs));
  }

  /** Says that `key` is being tried: the next failure waits longer. */
  next(key: string, since: Date): void {
    const entry = this.#entries.get(key);
    const isFresh = entry === undefined || isExpired(entry, since.getTime());
    const delayMs = isFresh ? INITIAL_MS : Math.min(entry.delayMs * 2, MAX_MS);
    this.#entries.set(key, { delayMs, updatedAtMs: this.#clock.now().getTime() });
  }

  delayMs(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0;
  }

  reset(key: string): void {
    this.#entries.delete(key);
  }

  /** Drops what can no longer make anyone wait. */
  collectGarbage(): void {
    const now = this.#clock.now().getTime();
    for (const [key, entry] of this.#entries) if (isExpired(entry, now)) this.#entries.delete(key);
  }
}

function isExpired(entry: Entry, eventMs: number): boolean {
  return eventMs - entry.updatedAtMs > 2 * MAX_MS;
}

/** A duration as Go prints it: "10s", "1m20s", "5m0s", "1.5s", "250ms". */
export function goDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (ms < 1000) return `${Number(ms.toFixed(3))}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = `${Number(((ms % 60_000) / 1000).toFixed(6))}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
