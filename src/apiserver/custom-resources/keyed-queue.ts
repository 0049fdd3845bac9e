/**
 * Keys to be looked at, each by one at a time; again where it was asked for meanwhile, and a while later where
 * that failed.
 *
 * In Kubernetes: client-go/util/workqueue.
 */
import type { Clock } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";

export interface KeyedQueueOptions {
  clock: Clock;
  log: Log;
  sync(key: string): Promise<void>;
}

const RETRY_MS = 1_000;

export class KeyedQueue {
  readonly #options: KeyedQueueOptions;
  /** True: once more when it is done. */
  readonly #busy = new Map<string, boolean>();
  #isStopped = false;

  constructor(options: KeyedQueueOptions) {
    this.#options = options;
  }

  add(key: string): void {
    if (this.#isStopped) return;
    if (this.#busy.has(key)) this.#busy.set(key, true);
    else void this.#run(key);
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #run(key: string): Promise<void> {
    const { sync, log, clock } = this.#options;
    do {
      this.#busy.set(key, false);
      try {
        await sync(key);
      } catch (error) {
        if (this.#isStopped) break;
        log.error("Failed to look after a definition", error, { name: key });
        clock.setTimeout(() => this.add(key), RETRY_MS);
      }
    } while (this.#busy.get(key) && !this.#isStopped);
    this.#busy.delete(key);
  }
}
