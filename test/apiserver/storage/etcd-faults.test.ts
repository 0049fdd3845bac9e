/**
 * Five ways in which an etcd client has been seen to lose or double what it was given, each as a
 * conversation cut at the wrong moment (docs/decisions/0001-etcd-client.md).
 */
import { randomUUID } from "node:crypto";
import { Etcd3 } from "etcd3";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openEtcdStore } from "../../../src/apiserver/storage/etcd-store.ts";
import {
  CompactedError,
  FutureRevisionError,
  type Store,
  type StoreEvent,
  TooLargeError,
  UnavailableError,
} from "../../../src/apiserver/storage/store.ts";
import { systemClock } from "../../../src/component/clock.ts";
import { EtcdConnection } from "../../../src/component/etcd/etcd-connection.ts";
import { silentLog } from "../../../src/component/log.ts";
import { type CuttingProxy, startCuttingProxy } from "../../support/cutting-proxy.ts";
import { startEtcd, type TestEtcd } from "../../support/etcd.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/free-port.ts";
import { describeWith } from "../../support/needs.ts";
import { RecordedWatch } from "./recorded-watch.ts";

describeWith(["etcd"], "the etcd store, its connection cut", () => {
  let etcd: TestEtcd;
  let proxy: CuttingProxy;
  /** Through the proxy. */
  let store: Store;
  /** Straight to etcd. */
  let direct: Store;
  let at: string;
  beforeAll(async () => {
    etcd = await startEtcd();
    direct = await open(etcd.endpoints[0]!);
  });
  afterAll(async () => {
    await direct?.close();
    await etcd?.stop();
  });
  beforeEach(async () => {
    at = `/registry/${randomUUID()}/`;
    proxy = await startCuttingProxy(etcd.port);
    store = await open(proxy.endpoint);
  });
  afterEach(async () => {
    await store.close();
    await proxy.close();
  });

  test("loses no event of a watch that was catching up", async () => {
    const value = Buffer.alloc(1_000, "x");
    const keys = Array.from({ length: 5_000 }, (_, i) => `${at}${i}`);
    const from = (await direct.revision()) + 1;
    // Not all at once: each call has ten seconds, the time it waits for its turn included.
    for (let i = 0; i < keys.length; i += 250) {
      await Promise.all(keys.slice(i, i + 250).map((key) => direct.create(key, value)));
    }

    proxy.cutAfter(1_500_000);
    const watch = new RecordedWatch(store, at, from);
    await watch.received(5_000);
    expect(watch.events.map(({ modRevision }) => modRevision)).toEqual(
      Array.from({ length: 5_000 }, (_, i) => from + i),
    );
    expect(proxy.accepted).toBeGreaterThan(1);
    watch.stop();
  });

  test("loses and doubles no event of a live watch, cut again and again", async () => {
    const from = (await direct.revision()) + 1;
    const watch = new RecordedWatch(store, at, from);
    for (let round = 0; round < 10; round++) {
      const names = Array.from({ length: 50 }, (_, i) => `${at}${round}-${i}`);
      await Promise.all(names.map((name) => direct.create(name, Buffer.from(name))));
      await watch.received(round * 50 + 25);
      proxy.cut();
    }
    await watch.received(500);
    const seen = watch.events.map(({ modRevision }) => modRevision);
    expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => from + i));
    watch.stop();
  });

  test("never tears a transaction of others apart, however large, however cut", async () => {
    const rounds = 6;
    const someoneElse = new Etcd3({ hosts: etcd.endpoints });
    const writeAll = (fill: string) => {
      const value = Buffer.alloc(450_000, fill);
      const puts = ["a", "b", "c"].map((name) => ({ key: Buffer.from(at + name), value }));
      return someoneElse.kv.txn({ success: puts.map((request_put) => ({ request_put })) });
    };
    const from = (await direct.revision()) + 1;
    const batches: string[] = [];
    const all = new Promise<void>((resolve) => {
      const onEvents = (events: StoreEvent[]) => {
        const names = events.map(({ key, modRevision }) => `${modRevision - from}${key.at(-1)}`);
        batches.push(names.join(" "));
        if (batches.join().includes(`${rounds - 1}c`)) resolve();
      };
      store.watch(at, from, { onEvents, onError: () => undefined });
    });
    for (let round = 0; round < rounds; round++) {
      // In the middle of the second answer that is a whole revision with what was before: 2.7 MB.
      if (round === 2) proxy.cutAfter(2_000_000);
      await writeAll(String(round));
    }
    await all;
    someoneElse.close();
    const expected = Array.from({ length: rounds }, (_, i) => `${i}a ${i}b ${i}c`);
    expect(batches.join(" ")).toBe(expected.join(" "));
    for (const batch of batches) expect(batch).toMatch(/^(\da \db \dc ?)+$/);
    expect(proxy.accepted).toBeGreaterThan(1);
  });

  test("never sends a write twice: one that was applied is not called a conflict", async () => {
    proxy.swallowAnswers();
    const writing = store.create(`${at}a`, Buffer.from("mine"));
    const answer = expect(writing).rejects.toThrow(UnavailableError);
    const applied = await eventually(async () => {
      const found = await direct.get(`${at}a`);
      expect(found).toBeDefined();
      return found!;
    });
    proxy.cut();
    await answer;

    const now = await store.get(`${at}a`);
    expect(now).toEqual(applied);
    expect(await direct.revision()).toBe(applied.modRevision);
  });

  test("sends a write that never left to the next endpoint", async () => {
    const dead = `http://127.0.0.1:${await freePort()}`;
    const connection = new EtcdConnection([dead, proxy.endpoint]);
    const put = { key: Buffer.from(`${at}a`), value: Buffer.from("1") };
    await connection.write((client, options) => client.kv.put(put, options));
    connection.close();
    expect((await direct.get(`${at}a`))?.value.toString()).toBe("1");
  });

  test("repeats a read", async () => {
    await direct.create(`${at}a`, Buffer.from("1"));
    for (let i = 0; i < 20; i++) {
      const reading = store.get(`${at}a`);
      proxy.cut();
      expect((await reading)?.value.toString()).toBe("1");
    }
  });

  test("tells what is compacted, and up to where, from what has not happened yet", async () => {
    const first = await direct.create(`${at}a`, Buffer.from("1"));
    const second = await direct.create(`${at}b`, Buffer.from("1"));
    if (!first.succeeded || !second.succeeded) throw new Error("not written");
    await direct.compact(second.revision);
    const error = await new RecordedWatch(store, at, first.revision).failed();
    expect(error).toMatchObject({
      name: "CompactedError",
      compactRevision: second.revision,
      message: "etcdserver: mvcc: required revision has been compacted",
    });
    await expect(store.get(`${at}a`, first.revision)).rejects.toThrow(CompactedError);
    await expect(store.get(`${at}a`, second.revision + 9)).rejects.toThrow(FutureRevisionError);
  });

  test("fails a watch that was compacted away while it was cut off", async () => {
    const watch = new RecordedWatch(store, at, (await direct.revision()) + 1);
    await direct.create(`${at}a`, Buffer.from("1"));
    await watch.received(1);
    proxy.refuse();
    const missed = await direct.create(`${at}b`, Buffer.from("1"));
    const last = await direct.create(`${at}c`, Buffer.from("1"));
    if (!missed.succeeded || !last.succeeded) throw new Error("not written");
    await direct.compact(last.revision);
    proxy.accept();
    expect(await watch.failed()).toMatchObject({ compactRevision: last.revision });
  });

  test("works again soon after an outage of three seconds", async () => {
    const watch = new RecordedWatch(store, at, (await direct.revision()) + 1);
    proxy.refuse();
    const refused = performance.now() + 3_000;
    while (performance.now() < refused) {
      await expect(store.create(`${at}out`, Buffer.from("1"))).rejects.toThrow(UnavailableError);
    }
    proxy.accept();
    const back = performance.now();
    await eventually(() => store.create(`${at}a`, Buffer.from("1")));
    await watch.received(1);
    expect(performance.now() - back).toBeLessThan(20_000);
    watch.stop();
  });

  test("does not let one write of 2 MiB stall the next", async () => {
    const huge = Buffer.alloc(2 * 1024 * 1024, "x");
    for (let i = 0; i < 5; i++) {
      await expect(store.create(`${at}huge`, huge)).rejects.toThrow(TooLargeError);
    }
    const start = performance.now();
    const writes = [1, 2, 3].map((i) => store.create(`${at}${i}`, Buffer.from("1")));
    const results = await Promise.all([store.create(`${at}huge`, huge).catch(String), ...writes]);
    expect(results[0]).toContain("etcdserver: request is too large");
    expect(results.slice(1).every((result) => (result as { succeeded: boolean }).succeeded)).toBe(
      true,
    );
    expect(performance.now() - start).toBeLessThan(8_000);
  });

  test("loses nothing it acknowledged in a burst, and doubles nothing", async () => {
    const from = (await direct.revision()) + 1;
    const watch = new RecordedWatch(store, at, from);
    const acknowledged = new Map<string, number>();
    let failures = 0;
    const writer = async (id: number) => {
      for (let i = 0; i < 60; i++) {
        const key = `${at}${id}-${i}`;
        try {
          const result = await store.create(key, Buffer.from(key));
          expect(result.succeeded).toBe(true);
          if (result.succeeded) acknowledged.set(key, result.revision);
        } catch (error) {
          expect(error).toBeInstanceOf(UnavailableError);
          failures++;
        }
        if (i % 7 === 0 && id === 0) proxy.cutAfter(2_000);
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, id) => writer(id)));
    proxy.cut();

    const { items } = await direct.list(at);
    const stored = new Map(items.map(({ key, modRevision }) => [key, modRevision]));
    for (const [key, revision] of acknowledged) expect(stored.get(key)).toBe(revision);
    expect(items.every(({ createRevision, modRevision }) => createRevision === modRevision)).toBe(
      true,
    );
    await watch.received(items.length);
    expect(watch.events.map(({ key }) => key).toSorted()).toEqual([...stored.keys()].toSorted());
    expect(failures).toBeGreaterThan(0);
    watch.stop();
  });

  test("goes on when etcd itself is killed and started again", async () => {
    const watch = new RecordedWatch(store, at, (await direct.revision()) + 1);
    await store.create(`${at}before`, Buffer.from("1"));
    await watch.received(1);
    await etcd.restart();
    await eventually(() => store.create(`${at}after`, Buffer.from("1")));
    await watch.received(2);
    expect(watch.events.map(({ key }) => key)).toEqual([`${at}before`, `${at}after`]);
    watch.stop();
  });
});

function open(endpoint: string): Promise<Store> {
  return openEtcdStore({ endpoints: [endpoint], clock: systemClock, log: silentLog });
}
