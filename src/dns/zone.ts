/**
 * The names there are, with their records: what is asked is looked up here, never searched for.
 *
 * Whoever owns records (a service, a namespace) puts all of them at once, and putting again takes
 * the place of what it had put before. A name exists while somebody owns a record of it, or of a
 * name below it.
 *
 * In Kubernetes: pkg/dns/treecache of kube-dns
 */
import { namesUpwards } from "./domain-name.ts";
import { type DnsRecord, recordKey } from "./record.ts";

interface Entry {
  /** How many entries of owners are at this name or below it. */
  holders: number;
  records: Map<string, HeldRecord>;
  /** The records as they are handed out, from the first time they are asked for. */
  list?: DnsRecord[] | undefined;
}

/** Two owners may have the same record: two pods on one host's network. */
interface HeldRecord {
  record: DnsRecord;
  holders: number;
}

/** By name and record; a name alone has no record. */
type Owned = Map<string, { name: string; record?: DnsRecord }>;

const NOTHING: Owned = new Map();

export class Zone {
  readonly #entries = new Map<string, Entry>();
  readonly #owned = new Map<string, Owned>();

  /** `names` exist even without a record. Costs as much as is different from before. */
  put(owner: string, records: readonly DnsRecord[], names: readonly string[] = []): void {
    const old = this.#owned.get(owner) ?? NOTHING;
    const now: Owned = new Map(names.map((name) => [name, { name }]));
    for (const record of records) {
      const { name } = record;
      now.set(`${name} ${recordKey(record)}`, { name, record });
    }
    if (now.size === 0) this.#owned.delete(owner);
    else this.#owned.set(owner, now);
    // First what is new, then what is gone: what stays is never missing.
    for (const [key, { name, record }] of now) if (!old.has(key)) this.#hold(name, record);
    for (const [key, { name, record }] of old) if (!now.has(key)) this.#release(name, record);
  }

  remove(owner: string): void {
    this.put(owner, []);
  }

  /** All records of a name; undefined where there is no such name. */
  find(name: string): readonly DnsRecord[] | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    entry.list ??= [...entry.records.values()].map(({ record }) => record);
    return entry.list;
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** How many names there are. */
  get size(): number {
    return this.#entries.size;
  }

  #hold(name: string, record: DnsRecord | undefined): void {
    for (const above of namesUpwards(name)) {
      const entry = this.#entries.get(above);
      if (entry === undefined) this.#entries.set(above, { holders: 1, records: new Map() });
      else entry.holders++;
    }
    if (record === undefined) return;
    const entry = this.#entries.get(name)!;
    const key = recordKey(record);
    const held = entry.records.get(key);
    entry.list = undefined;
    if (held === undefined) entry.records.set(key, { record, holders: 1 });
    else held.holders++;
  }

  #release(name: string, record: DnsRecord | undefined): void {
    if (record !== undefined) {
      const entry = this.#entries.get(name)!;
      const key = recordKey(record);
      entry.list = undefined;
      if (--entry.records.get(key)!.holders === 0) entry.records.delete(key);
    }
    for (const above of namesUpwards(name)) {
      if (--this.#entries.get(above)!.holders === 0) this.#entries.delete(above);
    }
  }
}
