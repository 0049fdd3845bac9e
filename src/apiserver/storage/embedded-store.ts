/**
 * The embedded store: etcd's model in one directory of this machine, for a cluster in one process.
 *
 * All that can be read is in memory (history.ts); the disk (version-log.ts) is only ever appended to, and
 * read once, at the start. A write is acknowledged, and seen by anybody, when it is durable.
 *
 * In Kubernetes: none; k3s does the same with SQLite (kine).
 */
import type { Clock } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import { GroupCommit, type Write } from "./group-commit.ts";
import { History, type Version } from "./history.ts";
import { HistoryWatchers } from "./history-watchers.ts";
import {
  type KeyValue,
  type ListOptions,
  type ListResult,
  type Store,
  type StoreWatch,
  TooLargeError,
  UnavailableError,
  type WatchHandler,
  type WriteResult,
} from "./store.ts";
import { openVersionLog, type VersionLog } from "./version-log.ts";

/** etcd's limit for one request (--max-request-bytes). */
const REQUEST_BYTES_MAX = 1.5 * 1024 * 1024;

/** History is held in memory: what is superseded beyond this is compacted before its time. */
const SUPERSEDED_BYTES_MAX = 64 * 1024 * 1024;

const CLOSED = "the store is closed";

export interface EmbeddedStoreOptions {
  directory: string;
  clock: Clock;
  log: Log;
}

export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<Store> {
  const { directory, clock, log } = options;
  const start = clock.monotonicMs();
  const history = new History();
  const versionLog = await openVersionLog(directory, history);
  const durationMs = Math.round(clock.monotonicMs() - start);
  log.info("Opened the store", { directory, revision: history.revision, durationMs }, 2);
  return new EmbeddedStore(history, versionLog, log);
}

/** The same without the disk: gone when the process is. */
export function openMemoryStore(options: { log: Log }): Store {
  const nowhere: VersionLog = {
    append: () => Promise.resolve(),
    compact: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return new EmbeddedStore(new History(), nowhere, options.log);
}

class EmbeddedStore implements Store {
  readonly #history: History;
  readonly #versionLog: VersionLog;
  readonly #watchers: HistoryWatchers;
  readonly #commits: GroupCommit;
  readonly #log: Log;
  #isClosed = false;

  constructor(history: History, versionLog: VersionLog, log: Log) {
    this.#history = history;
    this.#versionLog = versionLog;
    this.#log = log;
    this.#watchers = new HistoryWatchers(history, log);
    this.#commits = new GroupCommit({
      history,
      persist: (versions) => versionLog.append(versions),
      publish: (versions) => this.#publish(versions),
    });
  }

  async get(key: string, revision?: number): Promise<KeyValue | undefined> {
    return this.#open().get(key, revision);
  }

  async list(prefix: string, options?: ListOptions): Promise<ListResult> {
    return this.#open().list(prefix, options);
  }

  create(key: string, value: Buffer): Promise<WriteResult> {
    return this.#write({ key, value, expectedRevision: 0 });
  }

  update(key: string, value: Buffer, expectedRevision: number): Promise<WriteResult> {
    return this.#write({ key, value, expectedRevision });
  }

  delete(key: string, expectedRevision: number): Promise<WriteResult> {
    return this.#write({ key, value: undefined, expectedRevision });
  }

  watch(prefix: string, fromRevision: number, handler: WatchHandler): StoreWatch {
    return this.#watchers.add(prefix, fromRevision, handler);
  }

  async revision(): Promise<number> {
    return this.#open().revision;
  }

  async compact(revision: number): Promise<void> {
    await this.#versionLog.compact(revision, this.#open().compact(revision));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watchers.stopAll();
    await this.#commits.stop(CLOSED);
    await this.#versionLog.close();
  }

  #open(): History {
    if (this.#isClosed) throw new UnavailableError(CLOSED);
    return this.#history;
  }

  async #write(write: Write): Promise<WriteResult> {
    const bytes = write.key.length + (write.value?.length ?? 0);
    if (bytes > REQUEST_BYTES_MAX) throw new TooLargeError("etcdserver: request is too large");
    return this.#commits.write(write);
  }

  #publish(versions: Version[]): void {
    this.#watchers.publish(versions.map((version) => this.#history.add(version)));
    if (this.#history.supersededBytes > SUPERSEDED_BYTES_MAX) this.#compactEarly();
  }

  #compactEarly(): void {
    const revision = this.#history.revisionHolding(SUPERSEDED_BYTES_MAX / 2);
    if (revision === undefined) return;
    this.#log.warn("Compacted before time: too much history for memory", { revision });
    this.compact(revision).catch((error) => this.#log.error("Failed to compact", error));
  }
}
