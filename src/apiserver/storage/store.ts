/**
 * The Store: what the API server needs of etcd, and nothing more.
 *
 * A map from key to bytes, in which every successful write of any key gets the next number of one
 * counter, the *revision*. Two implementations keep this contract and pass one test suite
 * (test/apiserver/storage/store-contract.ts): etcd-store.ts and embedded-store.ts.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/storage/interfaces.go.
 * Differs: knows bytes, not objects; the registry encodes and decodes.
 */

/** One key as it was at one revision. */
export interface KeyValue {
  key: string;
  value: Buffer;
  /** The revision that created the key (again after a delete). */
  createRevision: number;
  /** The revision that wrote this value: the object's resourceVersion. */
  modRevision: number;
  /** It should be written anew though it has not changed: encrypted with an old key. */
  isStale?: boolean;
  /** Why the value cannot be read. */
  fault?: string;
}

export interface ListOptions {
  /** At most so many; 0 or absent: all. */
  limit?: number;
  /** Start at this key, included (it must begin with the prefix). */
  from?: string;
  /** Read the past: the state right after this revision. */
  revision?: number;
}

export interface ListResult {
  items: KeyValue[];
  /** The revision the list shows: `options.revision`, else the newest. */
  revision: number;
  /** How many keys follow after the last item; 0 when the list is complete. */
  remaining: number;
}

/** `revision` is the new one on success. On failure `current` is what stood in the way, if anything. */
export type WriteResult =
  | { succeeded: true; revision: number }
  | { succeeded: false; current: KeyValue | undefined };

/** A delete event carries the key's last value, at the revision of the delete. */
export interface StoreEvent {
  type: "put" | "delete";
  key: string;
  /** The new value; of a delete, the last one. */
  value: Buffer;
  /** The value before; absent on a create. */
  previous?: Buffer;
  createRevision: number;
  modRevision: number;
  /** Why the value cannot be read. */
  fault?: string;
}

export interface WatchHandler {
  /**
   * Called with every change in order of revision, whole revisions at a time, and none twice.
   * `revision`: everything up to it has been delivered. `events` is empty when only that is news.
   */
  onEvents(events: StoreEvent[], revision: number): void;
  /** Called once if the watch cannot go on: a CompactedError, or what broke. Not on stop(). */
  onError(error: Error): void;
}

export interface StoreWatch {
  stop(): void;
}

export interface Store {
  get(key: string, revision?: number): Promise<KeyValue | undefined>;
  /** The keys that begin with `prefix`, in byte order. */
  list(prefix: string, options?: ListOptions): Promise<ListResult>;
  /** Writes a key that does not exist. */
  create(key: string, value: Buffer): Promise<WriteResult>;
  /** Compare and swap: writes the key if its modRevision is still `expectedRevision`. */
  update(key: string, value: Buffer, expectedRevision: number): Promise<WriteResult>;
  /** Deletes the key if its modRevision is still `expectedRevision`. */
  delete(key: string, expectedRevision: number): Promise<WriteResult>;
  /**
   * Delivers every change of a key that begins with `prefix` at or after `fromRevision`. A cut
   * connection is resumed by the store itself, without loss and without repetition.
   */
  watch(prefix: string, fromRevision: number, handler: WatchHandler): StoreWatch;
  /** The newest revision. Linearizable: it counts every write acknowledged to anybody before the call. */
  revision(): Promise<number>;
  /** Forgets history before `revision`: reading or watching it is answered with CompactedError. */
  compact(revision: number): Promise<void>;
  close(): Promise<void>;
}

/** The revision asked for has been compacted away. Becomes `410 Gone`. */
export class CompactedError extends Error {
  override readonly name = "CompactedError";
  readonly compactRevision: number;

  constructor(compactRevision: number) {
    super("etcdserver: mvcc: required revision has been compacted");
    this.compactRevision = compactRevision;
  }
}

/** The revision asked for has not happened yet. */
export class FutureRevisionError extends Error {
  override readonly name = "FutureRevisionError";
  readonly currentRevision: number;

  constructor(currentRevision: number) {
    super("etcdserver: mvcc: required revision is a future revision");
    this.currentRevision = currentRevision;
  }
}

/**
 * The store did not answer, or not in time. Whether a write took place is not known; nothing is
 * sent twice. Becomes a 5xx with the message as it stands.
 */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}

/** The value is larger than the store takes (etcd: 1.5 MiB). Becomes `413`/`500` as in Kubernetes. */
export class TooLargeError extends Error {
  override readonly name = "TooLargeError";
}

/** A value that is there and that none of our keys can read. Becomes `500`. */
export class UnreadableError extends Error {
  override readonly name = "UnreadableError";
}
