/**
 * Those who wait for a revision, and the revision that has been reached.
 *
 * In Kubernetes: watchCache.waitUntilFreshAndBlock (storage/cacher/watch_cache.go).
 */
import type { Clock, Timer } from "../../component/clock.ts";

/** As long as Kubernetes blocks a read that asks for a revision not seen yet. */
const WAIT_MAX_MS = 3_000;

/** The cache has not come as far as was asked for. Becomes `504`, to be tried again after 1 s. */
export class TooLargeRevisionError extends Error {
  override readonly name = "TooLargeRevisionError";

  constructor(requested: number, current: number) {
    super(`Too large resource version: ${requested}, current: ${current}`);
  }
}

interface Waiter {
  revision: number;
  resolve(): void;
}

export class RevisionWaiters {
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  #revision = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get revision(): number {
    return this.#revision;
  }

  reach(revision: number): void {
    this.#revision = Math.max(revision, this.#revision);
    for (const waiter of this.#waiters) {
      if (waiter.revision <= this.#revision) waiter.resolve();
    }
  }

  waitFor(revision: number, signal?: AbortSignal): Promise<void> {
    if (revision <= this.#revision) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { revision, resolve: () => settle(resolve) };
      const onAbort = () => settle(() => reject(signal!.reason));
      const onTimeout = () =>
        settle(() => reject(new TooLargeRevisionError(revision, this.#revision)));
      const timer: Timer = this.#clock.setTimeout(onTimeout, WAIT_MAX_MS);
      const settle = (finish: () => void) => {
        this.#waiters.delete(waiter);
        timer.cancel();
        signal?.removeEventListener("abort", onAbort);
        finish();
      };
      this.#waiters.add(waiter);
      signal?.addEventListener("abort", onAbort, { once: true });
      if (signal?.aborted) onAbort();
    });
  }
}
