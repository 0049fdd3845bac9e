/** The Store contract, as one suite that every implementation passes. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  CompactedError,
  FutureRevisionError,
  type KeyValue,
  type Store,
  TooLargeError,
  type WriteResult,
} from "../../../src/apiserver/storage/store.ts";
import { RecordedWatch } from "./recorded-watch.ts";
import { storeProperties } from "./store-properties.ts";

/** `open` gives a store for all tests; each keeps to keys of its own. */
export function storeContract(open: () => Promise<Store>): void {
  let store: Store;
  let at: string;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());
  beforeEach(() => {
    at = `/registry/${randomUUID()}/`;
  });

  const create = async (name: string, value = name) =>
    revisionOf(await store.create(at + name, Buffer.from(value)));
  const update = async (name: string, value: string, expected: number) =>
    revisionOf(await store.update(at + name, Buffer.from(value), expected));
  const remove = async (name: string, expected: number) =>
    revisionOf(await store.delete(at + name, expected));
  const names = (items: KeyValue[]) => items.map(({ key }) => key.slice(at.length));

  describe("a write", () => {
    test("gets the next revision, whatever its key", async () => {
      const before = await store.revision();
      const revisions = [await create("a"), await create("b"), await update("a", "2", before + 1)];
      expect(revisions).toEqual([before + 1, before + 2, before + 3]);
      expect(await store.revision()).toBe(before + 3);
    });

    test("creates a key once", async () => {
      const revision = await create("a", "first");
      expect(await store.create(`${at}a`, Buffer.from("second"))).toEqual({
        succeeded: false,
        current: keyValue(`${at}a`, "first", revision, revision),
      });
    });

    test("updates a key only from the revision that was read", async () => {
      const created = await create("a", "1");
      const updated = await update("a", "2", created);
      const current = keyValue(`${at}a`, "2", created, updated);
      expect(await store.update(`${at}a`, Buffer.from("3"), created)).toEqual({
        succeeded: false,
        current,
      });
      expect(await store.get(`${at}a`)).toEqual(current);
    });

    test("deletes a key only from the revision that was read", async () => {
      const created = await create("a", "1");
      const updated = await update("a", "2", created);
      const result = await store.delete(`${at}a`, created);
      expect(result).toMatchObject({ succeeded: false, current: { modRevision: updated } });
      await remove("a", updated);
      expect(await store.get(`${at}a`)).toBeUndefined();
    });

    test("does not update or delete what is not there", async () => {
      const missing = { succeeded: false, current: undefined };
      expect(await store.update(`${at}a`, Buffer.from("1"), 5)).toEqual(missing);
      expect(await store.delete(`${at}a`, 5)).toEqual(missing);
      expect(await store.delete(`${at}a`, 0)).toEqual(missing);
    });

    test("that fails takes no revision", async () => {
      await create("a");
      const before = await store.revision();
      await store.create(`${at}a`, Buffer.from("2"));
      await store.update(`${at}a`, Buffer.from("2"), before + 7);
      await store.delete(`${at}b`, before);
      expect(await store.revision()).toBe(before);
    });

    test("makes a deleted key anew", async () => {
      const first = await create("a", "1");
      await remove("a", first);
      const second = await create("a", "2");
      expect(await store.get(`${at}a`)).toEqual(keyValue(`${at}a`, "2", second, second));
    });

    test("keeps bytes as they are, also none", async () => {
      const bytes = Buffer.from([0, 255, 10, 13, 0, 128]);
      await store.create(`${at}bytes`, bytes);
      await store.create(`${at}none`, Buffer.alloc(0));
      expect((await store.get(`${at}bytes`))?.value).toEqual(bytes);
      expect((await store.get(`${at}none`))?.value).toEqual(Buffer.alloc(0));
    });

    test("takes keys beyond ASCII", async () => {
      await create("zürich/北京:é");
      expect(names((await store.list(`${at}zürich/`)).items)).toEqual(["zürich/北京:é"]);
    });

    test("of too many bytes is refused, and the next one is not", async () => {
      const huge = Buffer.alloc(2 * 1024 * 1024, "x");
      const refusal = store.create(`${at}huge`, huge);
      await expect(refusal).rejects.toThrow(TooLargeError);
      await expect(refusal).rejects.toThrow("etcdserver: request is too large");
      await create("small");
      expect(names((await store.list(at)).items)).toEqual(["small"]);
    });

    test("of one MiB is taken", async () => {
      await store.create(`${at}big`, Buffer.alloc(1024 * 1024, "x"));
      expect((await store.get(`${at}big`))?.value.length).toBe(1024 * 1024);
    });
  });

  describe("a race", () => {
    test("of creates has one winner, whom the losers see", async () => {
      const racers = Array.from({ length: 50 }, (_, i) => `racer ${i}`);
      const results = await Promise.all(
        racers.map((racer) => store.create(`${at}a`, Buffer.from(racer))),
      );
      const winners = racers.filter((_, i) => results[i]!.succeeded);
      expect(winners).toHaveLength(1);
      for (const result of results) {
        if (!result.succeeded) expect(result.current?.value.toString()).toBe(winners[0]);
      }
    });

    test("of counters loses no count", async () => {
      await create("counter", "0");
      const countUp = async (): Promise<void> => {
        const { value, modRevision } = (await store.get(`${at}counter`))!;
        const next = Buffer.from(String(Number(value) + 1));
        const result = await store.update(`${at}counter`, next, modRevision);
        if (!result.succeeded) await countUp();
      };
      await Promise.all(Array.from({ length: 20 }, countUp));
      expect((await store.get(`${at}counter`))?.value.toString()).toBe("20");
    });

    test("of an update and a delete has one winner", async () => {
      const created = await create("a");
      const results = await Promise.all([
        store.update(`${at}a`, Buffer.from("2"), created),
        store.delete(`${at}a`, created),
      ]);
      expect(results.filter(({ succeeded }) => succeeded)).toHaveLength(1);
    });
  });

  describe("a list", () => {
    test("has the keys of a prefix in order, and no others", async () => {
      for (const name of ["b/2", "b", "a/1", "c", "b/1", "b0"]) await create(name);
      expect(names((await store.list(at)).items)).toEqual(["a/1", "b", "b/1", "b/2", "b0", "c"]);
      expect(names((await store.list(`${at}b/`)).items)).toEqual(["b/1", "b/2"]);
      expect((await store.list(`${at}x/`)).items).toEqual([]);
    });

    test("tells how many are left beyond its limit, and goes on from a key", async () => {
      for (const name of ["a", "b", "c", "d", "e"]) await create(name);
      const first = await store.list(at, { limit: 2 });
      expect([names(first.items), first.remaining]).toEqual([["a", "b"], 3]);
      const next = await store.list(at, { limit: 2, from: `${at}b\0` });
      expect([names(next.items), next.remaining]).toEqual([["c", "d"], 1]);
      const last = await store.list(at, { limit: 2, from: `${at}d\0` });
      expect([names(last.items), last.remaining]).toEqual([["e"], 0]);
    });

    test("goes on from a key that is no longer there", async () => {
      for (const name of ["a", "c"]) await create(name);
      expect(names((await store.list(at, { from: `${at}b` })).items)).toEqual(["c"]);
    });

    test("shows the past, page by page", async () => {
      const revisions = [await create("a", "1"), await create("b", "1"), await create("c", "1")];
      const then = revisions[2]!;
      await update("a", "2", revisions[0]!);
      await remove("b", revisions[1]!);
      await create("aa");
      const past = await store.list(at, { revision: then, limit: 2 });
      expect(past.items.map(({ value }) => value.toString())).toEqual(["1", "1"]);
      expect([names(past.items), past.remaining, past.revision]).toEqual([["a", "b"], 1, then]);
      expect((await store.get(`${at}a`, then))?.value.toString()).toBe("1");
      expect(await store.get(`${at}aa`, then)).toBeUndefined();
      expect((await store.get(`${at}b`, then))?.modRevision).toBe(revisions[1]);
    });

    test("is at the newest revision when none is asked for", async () => {
      const revision = await create("a");
      expect((await store.list(at)).revision).toBe(revision);
    });

    test("of the future is refused", async () => {
      const revision = await store.revision();
      const future = { revision: revision + 1 };
      await expect(store.list(at, future)).rejects.toThrow(FutureRevisionError);
      await expect(store.get(`${at}a`, revision + 1)).rejects.toThrow(
        "etcdserver: mvcc: required revision is a future revision",
      );
      await expect(store.list(at, future)).rejects.toMatchObject({ currentRevision: revision });
    });
  });

  describe("a watch", () => {
    test("delivers creates, updates and deletes with what was before", async () => {
      const watch = new RecordedWatch(store, at, (await store.revision()) + 1);
      const created = await create("a", "one");
      const updated = await update("a", "two", created);
      const deleted = await remove("a", updated);
      await watch.received(3);
      expect(watch.lines).toEqual([
        `${created} put ${at}a one since ${created}`,
        `${updated} put ${at}a two was one since ${created}`,
        `${deleted} delete ${at}a two was two since ${created}`,
      ]);
      watch.stop();
    });

    test("begins at an old revision, that one included", async () => {
      await create("a");
      const second = await create("b");
      await create("c");
      const watch = new RecordedWatch(store, at, second);
      await watch.received(2);
      await create("d");
      await watch.received(3);
      expect(watch.events.map(({ key }) => key.slice(at.length))).toEqual(["b", "c", "d"]);
      watch.stop();
    });

    test("begins at a future revision", async () => {
      const start = (await store.revision()) + 3;
      const watch = new RecordedWatch(store, at, start);
      for (const name of ["a", "b", "c", "d"]) await create(name);
      await watch.received(2);
      expect(watch.events.map(({ modRevision }) => modRevision)).toEqual([start, start + 1]);
      watch.stop();
    });

    test("of one prefix is not told of another", async () => {
      const from = (await store.revision()) + 1;
      const watch = new RecordedWatch(store, `${at}a/`, from);
      await create("b/1");
      await create("a/1");
      await create("a0");
      await create("a/2");
      await watch.received(2);
      expect(watch.events.map(({ key }) => key.slice(at.length))).toEqual(["a/1", "a/2"]);
      watch.stop();
    });

    test("of the whole keyspace sees every revision", async () => {
      const from = (await store.revision()) + 1;
      const watch = new RecordedWatch(store, "", from);
      await Promise.all(Array.from({ length: 100 }, (_, i) => create(`burst-${i}`)));
      await watch.received(100);
      const seen = watch.events.map(({ modRevision }) => modRevision);
      expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => from + i));
      expect(watch.revisions.at(-1)).toBe(from + 99);
      expect(watch.revisions).toEqual(watch.revisions.toSorted((a, b) => a - b));
      watch.stop();
    });

    test("is not called from inside watch(), nor after stop()", async () => {
      const revision = await create("a");
      const stopped = new RecordedWatch(store, at, revision);
      expect(stopped.events).toEqual([]);
      stopped.stop();
      const going = new RecordedWatch(store, at, revision);
      await create("b");
      await going.received(2);
      expect(stopped.events).toEqual([]);
      going.stop();
    });

    test("whose handler throws ends alone", async () => {
      const from = (await store.revision()) + 1;
      const other = new RecordedWatch(store, at, from);
      const failed = new Promise<Error>((resolve) => {
        const onEvents = () => {
          throw new Error("a bug in a handler");
        };
        store.watch(at, from, { onEvents, onError: resolve });
      });
      await create("a");
      expect((await failed).message).toBe("a bug in a handler");
      await create("b");
      await other.received(2);
      other.stop();
    });

    test("may be begun from inside another one's handler", async () => {
      const from = (await store.revision()) + 1;
      let nested: RecordedWatch | undefined;
      const outer = store.watch(at, from, {
        onEvents: () => {
          nested ??= new RecordedWatch(store, at, from);
        },
        onError: () => undefined,
      });
      await create("a");
      await create("b");
      const other = new RecordedWatch(store, at, from);
      await other.received(2);
      await create("c");
      await other.received(3);
      await nested!.received(3);
      expect(nested!.lines).toEqual(other.lines);
      for (const watch of [outer, other, nested!]) watch.stop();
    });

    test("delivers what is larger than one message", async () => {
      const watch = new RecordedWatch(store, at, (await store.revision()) + 1);
      const late = (await store.revision()) + 1;
      const value = Buffer.alloc(700_000, "x");
      for (let i = 0; i < 12; i++) await store.create(`${at}${i}`, value);
      const second = new RecordedWatch(store, at, late);
      await Promise.all([watch.received(12), second.received(12)]);
      for (const { events } of [watch, second]) {
        expect(events.every((event) => event.value.equals(value))).toBe(true);
        expect(new Set(events.map(({ modRevision }) => modRevision)).size).toBe(12);
      }
      watch.stop();
      second.stop();
    });
  });

  describe("a compaction", () => {
    test("forgets the past, and nothing that is current", async () => {
      const first = await create("a", "1");
      const kept = await create("kept");
      const second = await update("a", "2", first);
      const third = await update("a", "3", second);
      await store.compact(third);
      await expect(store.get(`${at}a`, second)).rejects.toThrow(CompactedError);
      await expect(store.list(at, { revision: second })).rejects.toThrow(
        "etcdserver: mvcc: required revision has been compacted",
      );
      const { items } = await store.list(at, { revision: third });
      expect(items).toEqual([
        keyValue(`${at}a`, "3", first, third),
        keyValue(`${at}kept`, "kept", kept, kept),
      ]);
    });

    test("fails a watch that begins before it, and tells where it is", async () => {
      const first = await create("a");
      const second = await create("b");
      await store.compact(second);
      const error = await new RecordedWatch(store, at, first).failed();
      expect(error).toBeInstanceOf(CompactedError);
      expect((error as CompactedError).compactRevision).toBe(second);
    });

    test("leaves a watch that begins after it", async () => {
      const first = await create("a", "1");
      const second = await update("a", "2", first);
      await store.compact(first);
      const watch = new RecordedWatch(store, at, second);
      await watch.received(1);
      expect(watch.lines).toEqual([`${second} put ${at}a 2 was 1 since ${first}`]);
      watch.stop();
    });

    test("leaves a watch that has seen what it forgets", async () => {
      const first = await create("a", "1");
      const watch = new RecordedWatch(store, at, first);
      await watch.received(1);
      await store.compact(await update("a", "2", first));
      await create("b");
      await watch.received(3);
      watch.stop();
    });

    test("of the future, or done already, is refused", async () => {
      const revision = await create("a");
      await expect(store.compact(revision + 1)).rejects.toThrow(FutureRevisionError);
      await store.compact(revision);
      await expect(store.compact(revision)).rejects.toThrow(CompactedError);
    });

    test("forgets a deleted key", async () => {
      const deleted = await remove("a", await create("a"));
      await store.compact(deleted);
      expect((await store.list(at, { revision: deleted })).items).toEqual([]);
      const anew = await create("a");
      expect((await store.get(`${at}a`))?.createRevision).toBe(anew);
    });
  });

  describe("with 10,000 keys", () => {
    test("a list of one prefix is as fast as that prefix is small", async () => {
      const value = Buffer.from("{}");
      const many = Array.from({ length: 10_000 }, (_, i) => `${at}n${i % 100}/pod-${i}`);
      // etcd takes 5,000 at a time, and refuses more; and each call has ten seconds, its turn's wait included.
      for (let i = 0; i < many.length; i += 250) {
        await Promise.all(many.slice(i, i + 250).map((key) => store.create(key, value)));
      }
      expect((await store.list(at)).items).toHaveLength(10_000);
      // The quickest of many: what else the machine does cannot make a scan look quick, or a seek slow each time.
      const all = await quickestMs(5, () => store.list(at));
      const few = await quickestMs(100, async (i) => {
        expect((await store.list(`${at}n${i}/`)).items).toHaveLength(100);
      });
      expect(few).toBeLessThan(all / 5);
    });
  });

  storeProperties(() => store);
}

function keyValue(key: string, value: string, created: number, modified: number): KeyValue {
  return { key, value: Buffer.from(value), createRevision: created, modRevision: modified };
}

function revisionOf(result: WriteResult): number {
  if (!result.succeeded) throw new Error("the write was refused");
  return result.revision;
}

async function quickestMs(times: number, act: (i: number) => Promise<unknown>): Promise<number> {
  let quickest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await act(i);
    quickest = Math.min(quickest, performance.now() - start);
  }
  return quickest;
}
