/**
 * Those who watch a History: each first gets what has happened since the revision it names, then
 * every batch as it is published.
 *
 * A handler is never called from inside watch(), and one that throws loses its watch, nobody else's.
 *
 * In Kubernetes: etcd's server/mvcc/watchable_store.go.
 */
import type { Log } from "../../component/log.ts";
import type { History } from "./history.ts";
import type { StoreEvent, StoreWatch, WatchHandler } from "./store.ts";

interface Watcher {
  prefix: string;
  fromRevision: number;
  handler: WatchHandler;
  /** It has been given its past; the present follows. */
  isStarted: boolean;
}

export class HistoryWatchers {
  readonly #history: History;
  readonly #log: Log;
  readonly #watchers = new Set<Watcher>();

  constructor(history: History, log: Log) {
    this.#history = history;
    this.#log = log;
  }

  add(prefix: string, fromRevision: number, handler: WatchHandler): StoreWatch {
    const from = Math.max(fromRevision, 1);
    const watcher: Watcher = { prefix, fromRevision: from, handler, isStarted: false };
    this.#watchers.add(watcher);
    queueMicrotask(() => this.#start(watcher));
    return { stop: () => void this.#watchers.delete(watcher) };
  }

  /** Events that have just been added to the history. */
  publish(events: StoreEvent[]): void {
    for (const watcher of this.#watchers) {
      if (watcher.isStarted) this.#deliver(watcher, events);
    }
  }

  stopAll(): void {
    this.#watchers.clear();
  }

  #start(watcher: Watcher): void {
    if (!this.#watchers.has(watcher)) return;
    watcher.isStarted = true;
    this.#guard(watcher, () => {
      const past = this.#history.eventsFrom(watcher.fromRevision);
      if (past.length > 0) this.#deliver(watcher, past);
    });
  }

  #deliver(watcher: Watcher, events: StoreEvent[]): void {
    const { prefix, fromRevision, handler } = watcher;
    const revision = this.#history.revision;
    if (revision < fromRevision) return;
    const wanted = events.filter(
      ({ key, modRevision }) => modRevision >= fromRevision && key.startsWith(prefix),
    );
    this.#guard(watcher, () => handler.onEvents(wanted, revision));
  }

  #guard(watcher: Watcher, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#watchers.delete(watcher);
      if ((error as Error).name !== "CompactedError") this.#log.error("A watch failed", error);
      watcher.handler.onError(error as Error);
    }
  }
}
