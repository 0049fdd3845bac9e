/** What holds of a store whatever is done to it: it is always what a plain list of changes says. */
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Store, WriteResult } from "../../../src/apiserver/storage/store.ts";
import { RecordedWatch } from "./recorded-watch.ts";

interface Operation {
  kind: "create" | "update" | "delete";
  name: string;
  value: string;
  /** Expects a revision that is not the key's. */
  isStale: boolean;
}

/** A change as the model notes it: the line a watch writes, and the keys as they are after it. */
interface Change {
  revision: number;
  line: string;
  state: Map<string, Entry>;
}

interface Entry {
  value: string;
  createRevision: number;
  modRevision: number;
}

const operations = fc.array(
  fc.record<Operation>({
    kind: fc.constantFrom("create", "create", "update", "update", "delete"),
    name: fc.constantFrom("a", "b", "b/1", "b/2", "c"),
    value: fc.string({ maxLength: 8 }),
    isStale: fc.nat(5).map((number) => number === 0),
  }),
  { maxLength: 40 },
);

export function storeProperties(storeOf: () => Store): void {
  describe("after any writes", () => {
    test("shows at every revision, and from every revision on, what happened", async () => {
      await fc.assert(
        fc.asyncProperty(operations, fc.nat(), async (wanted, pick) => {
          const model = new Model(storeOf(), `/registry/${randomUUID()}/`);
          for (const operation of wanted) await model.apply(operation);
          await model.checkHistory();
          await model.checkWatchFrom(pick);
        }),
        { numRuns: 30 },
      );
    });
  });
}

class Model {
  readonly #store: Store;
  readonly #at: string;
  readonly #changes: Change[] = [];

  constructor(store: Store, at: string) {
    this.#store = store;
    this.#at = at;
  }

  /** Does the same to the store and to the model; both must say the same of it. */
  async apply({ kind, name, value, isStale }: Operation): Promise<void> {
    const key = this.#at + name;
    const state = new Map(this.#changes.at(-1)?.state);
    const before = state.get(key);
    const expected = isStale ? 1 : (before?.modRevision ?? 1);
    const mayHappen = kind === "create" ? !before : before !== undefined && !isStale;
    const result = await this.#write(kind, key, value, expected);
    expect(result.succeeded).toBe(mayHappen);
    if (!result.succeeded) {
      expect(result.current?.modRevision).toBe(before?.modRevision);
      return;
    }
    const { revision } = result;
    const createRevision = before?.createRevision ?? revision;
    if (kind === "delete") state.delete(key);
    else state.set(key, { value, createRevision, modRevision: revision });
    const was = before ? ` was ${before.value}` : "";
    const type = kind === "delete" ? "delete" : "put";
    const shown = kind === "delete" ? before!.value : value;
    const line = `${revision} ${type} ${key} ${shown}${was} since ${createRevision}`;
    this.#changes.push({ revision, line, state });
  }

  async checkHistory(): Promise<void> {
    for (const { revision, state } of this.#changes) {
      const { items } = await this.#store.list(this.#at, { revision });
      const shown = items.map(({ key, value, createRevision, modRevision }) => [
        key,
        { value: value.toString(), createRevision, modRevision },
      ]);
      expect(shown).toEqual([...state].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    }
  }

  async checkWatchFrom(pick: number): Promise<void> {
    const first = this.#changes.length === 0 ? 0 : pick % this.#changes.length;
    const wanted = this.#changes.slice(first).map(({ line }) => line);
    if (wanted.length === 0) return;
    const watch = new RecordedWatch(this.#store, this.#at, this.#changes[first]!.revision);
    await watch.received(wanted.length);
    watch.stop();
    expect(watch.lines).toEqual(wanted);
  }

  #write(kind: string, key: string, value: string, expected: number): Promise<WriteResult> {
    if (kind === "create") return this.#store.create(key, Buffer.from(value));
    if (kind === "update") return this.#store.update(key, Buffer.from(value), expected);
    return this.#store.delete(key, expected);
  }
}
