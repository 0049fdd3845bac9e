import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openMemoryStore } from "../../../src/apiserver/storage/embedded-store.ts";
import { TooOldError } from "../../../src/apiserver/storage/event-ring.ts";
import { TooLargeRevisionError } from "../../../src/apiserver/storage/revision-waiters.ts";
import type { Store, WriteResult } from "../../../src/apiserver/storage/store.ts";
import { WatchCache } from "../../../src/apiserver/storage/watch-cache.ts";
import { createLog, silentLog } from "../../../src/component/log.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordedListener } from "./recorded-listener.ts";

const PODS = "/registry/pods/";
const SERVICES = "/registry/services/specs/";

let store: Store;
let cache: WatchCache;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock();
  store = openMemoryStore({ log: silentLog });
  await store.create(`${PODS}default/old`, podOf("old"));
  cache = await WatchCache.start(store, [PODS, SERVICES], { clock, log: silentLog });
});
afterEach(async () => {
  cache.stop();
  await store.close();
});

describe("the watch cache", () => {
  test("holds what was there before it, with its revision in it", () => {
    const { items, revision } = cache.resource(PODS).list();
    expect(revision).toBe(2);
    expect(items.map(({ bytes }) => bytes.toString())).toEqual([
      '{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"2","name":"old"}}',
    ]);
  });

  test("follows every write, each resource its own", async () => {
    const pod = await create("web");
    await store.create(`${SERVICES}default/web`, podOf("service"));
    await cache.fresh();
    expect(names()).toEqual(["old", "web"]);
    expect(cache.resource(PODS).get(`${PODS}default/web`)?.modRevision).toBe(pod);
    expect(cache.resource(SERVICES).size).toBe(1);
    expect(cache.resource(PODS).revision).toBe(cache.revision);
  });

  test("lists one namespace", async () => {
    await store.create(`${PODS}kube-system/dns`, podOf("dns"));
    await cache.fresh();
    const { items } = cache.resource(PODS).list(`${PODS}kube-system/`);
    expect(items.map(({ object }) => object.metadata.name)).toEqual(["dns"]);
  });

  test("gives every reader the same bytes and the same object", async () => {
    const first = cache.resource(PODS).get(`${PODS}default/old`)!;
    const second = cache.resource(PODS).list().items[0]!;
    expect(second.bytes).toBe(first.bytes);
    expect(second.object).toBe(first.object);
  });

  test("does not know a prefix it was not given", () => {
    expect(() => cache.resource("/registry/secrets/")).toThrow(
      "the watch cache does not hold /registry/secrets/",
    );
  });

  test("leaves out what is no JSON, and says so", async () => {
    cache.stop();
    const lines: string[] = [];
    const log = createLog("test", { clock, verbosity: 0, write: (line) => lines.push(line) });
    cache = await WatchCache.start(store, [PODS], { clock, log });
    await store.create(`${PODS}default/broken`, Buffer.from("k8s\0\n"));
    await create("whole");
    await cache.fresh();
    expect(names()).toEqual(["old", "whole"]);
    expect(lines.join()).toContain('key="/registry/pods/default/broken"');
  });
});

describe("a watch of a cached resource", () => {
  test("is told of each change once, with what was before", async () => {
    const listener = new RecordedListener();
    cache.resource(PODS).watch(cache.revision, listener);
    const added = await create("web");
    const modified = await update("web", added, { a: "1" });
    const deleted = revisionOf(await store.delete(`${PODS}default/web`, modified));
    await listener.received(3);
    expect(listener.lines).toEqual([
      `${added} ADDED web`,
      `${modified} MODIFIED web`,
      `${deleted} DELETED web`,
    ]);
    const [first, second, third] = listener.events;
    expect(first!.previous).toBeUndefined();
    expect(second!.previous).toBe(first!.current);
    expect(third!.previous).toBe(second!.current);
  });

  test("sees a deleted object as it was last, at the revision of the delete", async () => {
    const listener = new RecordedListener();
    cache.resource(PODS).watch(cache.revision, listener);
    const deleted = revisionOf(await store.delete(`${PODS}default/old`, 2));
    await listener.received(1);
    expect(listener.events[0]!.line.toString()).toBe(
      '{"type":"DELETED","object":{"kind":"Pod","apiVersion":"v1",' +
        `"metadata":{"resourceVersion":"${deleted}","name":"old"}}}\n`,
    );
  });

  test("shares its events, and their lines, with every other", async () => {
    const [one, other] = [new RecordedListener(), new RecordedListener()];
    cache.resource(PODS).watch(cache.revision, one);
    cache.resource(PODS).watch(cache.revision, other);
    await create("web");
    await Promise.all([one.received(1), other.received(1)]);
    expect(other.events[0]).toBe(one.events[0]);
    expect(other.events[0]!.line).toBe(one.events[0]!.line);
  });

  test("knows how an object was that leaves a selection", async () => {
    const listener = new RecordedListener();
    cache.resource(PODS).watch(cache.revision, listener);
    const modified = await update("old", 2, { app: "other" });
    await listener.received(1);
    const { departed } = listener.events[0]!;
    expect(departed.object.metadata).toEqual({ resourceVersion: String(modified), name: "old" });
    expect(listener.events[0]!.departed).toBe(departed);
  });

  test("begins in the past", async () => {
    const first = await create("a");
    const second = await create("b");
    await cache.fresh();
    const listener = new RecordedListener();
    cache.resource(PODS).watch(first, listener);
    expect(listener.events).toEqual([]);
    const third = await create("c");
    await listener.received(2);
    expect(listener.lines).toEqual([`${second} ADDED b`, `${third} ADDED c`]);
  });

  test("begins in the future", async () => {
    const listener = new RecordedListener();
    cache.resource(PODS).watch(cache.revision + 2, listener);
    for (const name of ["a", "b", "c"]) await create(name);
    await listener.received(1);
    expect(listener.lines).toEqual(["5 ADDED c"]);
  });

  test("cannot begin before what is remembered", () => {
    const begin = () => cache.resource(PODS).watch(1, new RecordedListener());
    expect(begin).toThrow(TooOldError);
    expect(begin).toThrow("too old resource version: 1 (2)");
  });

  test("is told nothing after it is stopped", async () => {
    const [stopped, going] = [new RecordedListener(), new RecordedListener()];
    cache.resource(PODS).watch(cache.revision, stopped).stop();
    cache.resource(PODS).watch(cache.revision, going);
    await create("web");
    await going.received(1);
    expect(stopped.events).toEqual([]);
  });

  test("that throws ends alone", async () => {
    const [bad, good] = [new RecordedListener(), new RecordedListener()];
    const onEvents = () => {
      throw new Error("a bug in a listener");
    };
    const onError = (error: Error) => bad.onError(error);
    cache.resource(PODS).watch(cache.revision, { onEvents, onError });
    cache.resource(PODS).watch(cache.revision, good);
    await create("a");
    await create("b");
    await good.received(2);
    expect(bad.errors.map(({ message }) => message)).toEqual(["a bug in a listener"]);
    expect(names()).toEqual(["a", "b", "old"]);
  });

  test("ends with the cache", () => {
    const listener = new RecordedListener();
    cache.resource(PODS).watch(cache.revision, listener);
    cache.stop();
    expect(listener.errors).toHaveLength(1);
  });

  test("sees exactly what happened since, from wherever it begins", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(4), { minLength: 1, maxLength: 30 }), async (picks) => {
        const start = await cache.fresh();
        const all = new RecordedListener();
        const watches = [cache.resource(PODS).watch(start, all)];
        const late: { from: number; listener: RecordedListener }[] = [];
        for (const [i, pick] of picks.entries()) {
          const from = start + (i % (cache.revision - start + 1));
          const listener = new RecordedListener();
          late.push({ from, listener });
          watches.push(cache.resource(PODS).watch(from, listener));
          await change(`pick-${pick}`);
        }
        await all.received(picks.length);
        for (const { from, listener } of late) {
          expect(listener.events).toEqual(all.events.filter(({ revision }) => revision > from));
        }
        for (const watch of watches) watch.stop();
      }),
      { numRuns: 30 },
    );
  });
});

describe("a read of the watch cache", () => {
  test("waits for a revision", async () => {
    const waiting = cache.waitFor(cache.revision + 2);
    await create("a");
    const second = await create("b");
    await waiting;
    expect(cache.revision).toBe(second);
  });

  test("gives up after three seconds, in Kubernetes' words", async () => {
    const waiting = cache.waitFor(100);
    clock.advance(2_999);
    await create("a");
    clock.advance(1);
    await expect(waiting).rejects.toThrow(TooLargeRevisionError);
    await expect(waiting).rejects.toThrow("Too large resource version: 100, current: 3");
  });

  test("gives up when its caller does", async () => {
    const caller = new AbortController();
    const waiting = cache.waitFor(100, caller.signal);
    caller.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    await expect(cache.waitFor(100, caller.signal)).rejects.toThrow("gone");
  });

  test("that is fresh shows every write acknowledged before it", async () => {
    for (let i = 0; i < 50; i++) {
      const revision = await create(`web-${i}`);
      expect(await cache.fresh()).toBeGreaterThanOrEqual(revision);
      expect(cache.resource(PODS).get(`${PODS}default/web-${i}`)?.modRevision).toBe(revision);
    }
  });
});

describe("a resource added later", () => {
  test("has everything, whatever is written meanwhile", async () => {
    const SECRETS = "/registry/secrets/";
    const write = (name: string) => store.create(`${SECRETS}default/${name}`, podOf(name));
    for (let i = 0; i < 20; i++) await write(`before-${i}`);
    const writing = Promise.all(Array.from({ length: 200 }, (_, i) => write(`during-${i}`)));
    const added = cache.addResource(SECRETS);
    for (let i = 0; i < 20; i++) await write(`after-${i}`);
    await writing;
    const resource = await added;
    await cache.fresh();
    expect(resource.size).toBe(240);
    expect(cache.resource(SECRETS)).toBe(resource);
    const stored = await store.list(SECRETS);
    expect(resource.list().items.map(({ key, modRevision }) => [key, modRevision])).toEqual(
      stored.items.map(({ key, modRevision }) => [key, modRevision]),
    );
  });

  test("may be added by two at once, and once more", async () => {
    const [one, other] = await Promise.all([
      cache.addResource("/x/y/"),
      cache.addResource("/x/y/"),
    ]);
    expect(other).toBe(one);
    const listener = new RecordedListener();
    one.watch(one.revision, listener);
    await store.create("/x/y/a", podOf("a"));
    expect(await cache.addResource("/x/y/")).toBe(one);
    await listener.received(1);
    expect(listener.errors).toEqual([]);
  });

  test("is forgotten, and its watches end", async () => {
    const resource = await cache.addResource("/x/y/");
    const listener = new RecordedListener();
    resource.watch(resource.revision, listener);
    cache.removeResource("/x/y/");
    await listener.ended();
    expect(() => cache.resource("/x/y/")).toThrow("does not hold /x/y/");
  });
});

describe("the start of the watch cache", () => {
  test("fails when the store does", async () => {
    const closed = openMemoryStore({ log: silentLog });
    await closed.close();
    const start = WatchCache.start(closed, [PODS], { clock, log: silentLog });
    await expect(start).rejects.toThrow("the store is closed");
  });
});

function podOf(name: string, labels?: Record<string, string>): Buffer {
  return Buffer.from(
    JSON.stringify({
      kind: "Pod",
      apiVersion: "v1",
      metadata: { name, ...(labels && { labels }) },
    }),
  );
}

const names = () =>
  cache
    .resource(PODS)
    .list()
    .items.map(({ object }) => object.metadata.name);

async function create(name: string): Promise<number> {
  return revisionOf(await store.create(`${PODS}default/${name}`, podOf(name)));
}

async function update(name: string, expected: number, labels: Record<string, string>) {
  return revisionOf(await store.update(`${PODS}default/${name}`, podOf(name, labels), expected));
}

/** Creates it, or deletes it if it is there. */
async function change(name: string): Promise<void> {
  const there = await store.get(`${PODS}default/${name}`);
  if (there) await store.delete(there.key, there.modRevision);
  else await create(name);
}

function revisionOf(result: WriteResult): number {
  if (!result.succeeded) throw new Error("the write was refused");
  return result.revision;
}
