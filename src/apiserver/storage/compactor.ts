/**
 * Compaction: every five minutes the store forgets what is older than five minutes.
 *
 * It compacts to the revision it noted one period ago, so history is never shorter than one period. With
 * several API servers on one etcd each does so; whoever is late finds it done.
 *
 * In Kubernetes: apiserver's storage/etcd3/compact.go (--etcd-compaction-interval).
 */
import { type Clock, sleep } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import { CompactedError, type Store } from "./store.ts";

const PERIOD_MS = 5 * 60 * 1_000;

export interface CompactorOptions {
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  periodMs?: number;
}

/** Runs until the signal aborts. A period in which the store does not answer is left out. */
export async function runCompactor(store: Store, options: CompactorOptions): Promise<void> {
  const { clock, log, signal, periodMs = PERIOD_MS } = options;
  let noted: number | undefined;
  while (!signal.aborted) {
    try {
      if (noted !== undefined) await compact(store, noted);
      noted = await store.revision();
    } catch (error) {
      log.warn("Failed to compact", { err: (error as Error).message });
    }
    await sleep(clock, periodMs, signal).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }
}

async function compact(store: Store, revision: number): Promise<void> {
  try {
    await store.compact(revision);
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
  }
}
