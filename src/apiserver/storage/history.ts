/**
 * What every key was at every revision since the last compaction.
 *
 * A write adds a version and never changes one; that is why a list can show the past, and why a watch
 * can begin there. Each revision above the compaction has written exactly one key.
 *
 * In Kubernetes: etcd's server/mvcc (kvstore.go, key_index.go). Differs: in memory; one write a revision.
 */
import { SortedMap } from "./sorted-map.ts";
import {
  CompactedError,
  FutureRevisionError,
  type KeyValue,
  type ListOptions,
  type ListResult,
  type StoreEvent,
} from "./store.ts";

/** A key as one revision left it; without a value, that revision deleted it. */
export interface Version {
  key: string;
  value: Buffer | undefined;
  createRevision: number;
  modRevision: number;
}

/** As in etcd, an empty store is at revision 1 and the first write makes 2. */
const FIRST_REVISION = 1;

export class History {
  #revision = FIRST_REVISION;
  #compactRevision = 0;
  #supersededBytes = 0;
  /** The versions of each key, oldest first. */
  readonly #keys = new SortedMap<Version[]>();
  /** One event for each revision after the compaction, without a gap. */
  #events: StoreEvent[] = [];

  get revision(): number {
    return this.#revision;
  }

  get compactRevision(): number {
    return this.#compactRevision;
  }

  /** How much is held of what is no longer current. */
  get supersededBytes(): number {
    return this.#supersededBytes;
  }

  get(key: string, revision?: number): KeyValue | undefined {
    const at = this.#readable(revision);
    return liveAt(this.#keys.get(key), at);
  }

  list(prefix: string, options: ListOptions = {}): ListResult {
    const revision = this.#readable(options.revision);
    const items: KeyValue[] = [];
    for (const versions of this.#keys.values(prefix, options.from)) {
      const live = liveAt(versions, revision);
      if (live !== undefined) items.push(live);
    }
    const limit = options.limit || items.length;
    const remaining = Math.max(items.length - limit, 0);
    return { items: remaining === 0 ? items : items.slice(0, limit), revision, remaining };
  }

  /** Adds the newest version. Returns the change as watchers see it. */
  add(version: Version): StoreEvent {
    const versions = this.#keys.get(version.key);
    const before = versions?.at(-1);
    if (versions === undefined) this.#keys.set(version.key, [version]);
    else versions.push(version);
    this.#revision = version.modRevision;
    this.#supersededBytes += before?.value?.length ?? 0;
    const event = eventOf(version, before);
    if (version.modRevision > this.#compactRevision) this.#events.push(event);
    return event;
  }

  /** Every change at or after `fromRevision`. */
  eventsFrom(fromRevision: number): StoreEvent[] {
    if (fromRevision <= this.#compactRevision) throw new CompactedError(this.#compactRevision);
    const first = Math.max(this.#compactRevision, FIRST_REVISION) + 1;
    return this.#events.slice(Math.max(fromRevision - first, 0));
  }

  /** Forgets what was before `revision`. Returns the revisions whose versions are gone. */
  compact(revision: number): number[] {
    if (revision > this.#revision) throw new FutureRevisionError(this.#revision);
    if (revision <= this.#compactRevision) throw new CompactedError(this.#compactRevision);
    const first = Math.max(this.#compactRevision, FIRST_REVISION) + 1;
    const forgotten = this.#events.slice(0, Math.max(revision - first + 1, 0));
    this.#events = this.#events.slice(forgotten.length);
    this.#compactRevision = revision;
    return [...new Set(forgotten.map((event) => event.key))].flatMap((key) => this.#trim(key));
  }

  /** Begins again where a store stopped; the versions that survived follow through add(). */
  restore(compactRevision: number): void {
    this.#compactRevision = compactRevision;
  }

  /** After the versions that survived: the compaction may have removed the very last one, a delete. */
  finishRestore(): void {
    this.#revision = Math.max(this.#revision, this.#compactRevision);
  }

  /** The compaction that brings supersededBytes down to `bytes`, or undefined when it is there. */
  revisionHolding(bytes: number): number | undefined {
    let excess = this.#supersededBytes - bytes;
    if (excess <= 0) return undefined;
    for (const event of this.#events) {
      excess -= event.previous?.length ?? 0;
      if (excess <= 0) return event.modRevision;
    }
    return this.#revision;
  }

  #readable(revision = this.#revision): number {
    if (revision > this.#revision) throw new FutureRevisionError(this.#revision);
    if (revision < this.#compactRevision) throw new CompactedError(this.#compactRevision);
    return revision;
  }

  /** Of the versions up to the compaction only the last one stays, and that only if it is no delete. */
  #trim(key: string): number[] {
    const versions = this.#keys.get(key) ?? [];
    const next = versions.findIndex((version) => version.modRevision > this.#compactRevision);
    const past = next === -1 ? versions.length : next;
    const isDeleted = past > 0 && versions[past - 1]!.value === undefined;
    const dropped = versions.splice(0, isDeleted ? past : Math.max(past - 1, 0));
    if (versions.length === 0) this.#keys.delete(key);
    for (const { value } of dropped) this.#supersededBytes -= value?.length ?? 0;
    return dropped.map((version) => version.modRevision);
  }
}

function liveAt(versions: Version[] | undefined, revision: number): KeyValue | undefined {
  const version = versions?.findLast(({ modRevision }) => modRevision <= revision);
  return version?.value === undefined ? undefined : (version as KeyValue);
}

function eventOf(version: Version, before: Version | undefined): StoreEvent {
  const { key, value, createRevision, modRevision } = version;
  const previous = before?.value;
  const change = previous === undefined ? {} : { previous };
  if (value !== undefined) {
    return { type: "put", key, value, ...change, createRevision, modRevision };
  }
  return { type: "delete", key, value: previous!, ...change, createRevision, modRevision };
}
