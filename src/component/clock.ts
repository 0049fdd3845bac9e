/**
 * Time, as a parameter. Nothing else in src reads the wall clock or sets a timer, because a
 * classroom pauses, steps and replays time, and a test moves it by hours at once.
 *
 * In Kubernetes: k8s.io/utils/clock.
 */

/** A timer that has been set. Cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** The time of day. */
  now(): Date;
  /** Milliseconds that only ever grow: for measuring how long something took. */
  monotonicMs(): number;
  /** Calls `callback` once, after `delayMs`. A pending timer never keeps the process alive by itself. */
  setTimeout(callback: () => void, delayMs: number): Timer;
}

/** What Node's timers can count to: 24 days. With more than that they fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  setTimeout(callback, delayMs) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number) => {
      const thisMs = Math.min(leftMs, LONGEST_DELAY_MS);
      timer = setTimeout(leftMs > thisMs ? () => wait(leftMs - thisMs) : callback, thisMs);
      timer.unref();
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** For a daemon that may have nothing open but timers: it waits for somebody who is not there yet. */
export function keepProcessAlive(): void {
  setInterval(() => undefined, LONGEST_DELAY_MS);
}

/** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, delayMs);
    function onAbort() {
      timer.cancel();
      reject(signal!.reason);
    }
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** Resolves after `delayMs`, or as soon as the signal aborts: for loops that look at the signal themselves. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = clock.setTimeout(done, delayMs);
    signal.addEventListener("abort", done, { once: true });
    function done() {
      timer.cancel();
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}

/** Calls `callback` every `periodMs`, the first time after one period, until the signal aborts. */
export function every(clock: Clock, periodMs: number, signal: AbortSignal, callback: () => void) {
  function next() {
    if (signal.aborted) return;
    const timer = clock.setTimeout(() => {
      signal.removeEventListener("abort", timer.cancel);
      if (signal.aborted) return;
      callback();
      next();
    }, periodMs);
    signal.addEventListener("abort", timer.cancel, { once: true });
  }
  next();
}

/** A time as the API writes it: whole seconds, RFC 3339, UTC (metav1.Time). */
export function toApiTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** A time with microseconds, as Leases and Events write it (metav1.MicroTime). */
export function toApiMicroTime(date: Date): string {
  return date.toISOString().replace(/(\.\d{3})Z$/, "$1000Z");
}
