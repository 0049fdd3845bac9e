/**
 * Looks after objects by their keys, for the parts of the server that are controllers: each key by one worker at a time,
 * again where it was asked for meanwhile, and later where that failed.
 *
 * In Kubernetes: the workers of kube-aggregator's and apiextensions' controllers. Differs: they read the server's own
 * watch cache; controllers outside of it have client/control-loop.ts.
 */
import { WorkQueue } from "../client/work-queue.ts";
import type { Clock } from "../component/clock.ts";
import type { Log } from "../component/log.ts";

export interface LookAfterOptions {
  clock: Clock;
  log: Log;
  /** "definition": as the log calls them. */
  what: string;
  sync(key: string): Promise<void>;
}

/** So many, since one may have to wait for a server that does not answer. */
const WORKERS = 10;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/** Add keys to the queue it gives back; closing that ends the work. */
export function lookAfter(options: LookAfterOptions): WorkQueue {
  const { clock } = options;
  const queue = new WorkQueue({ clock, firstRetryMs: FIRST_RETRY_MS, lastRetryMs: LAST_RETRY_MS });
  let isClosed = false;
  const work = async () => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      try {
        await options.sync(key);
        queue.forget(key);
      } catch (error) {
        if (!isClosed)
          options.log.error(`Failed to look after a ${options.what}`, error, { name: key });
        queue.retry(key);
      }
      queue.done(key);
    }
    isClosed = true;
  };
  for (let i = 0; i < WORKERS; i++) void work();
  return queue;
}
