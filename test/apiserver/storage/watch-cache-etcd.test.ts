import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openEtcdStore } from "../../../src/apiserver/storage/etcd-store.ts";
import { type Store, UnavailableError } from "../../../src/apiserver/storage/store.ts";
import { WatchCache } from "../../../src/apiserver/storage/watch-cache.ts";
import { systemClock } from "../../../src/component/clock.ts";
import { silentLog } from "../../../src/component/log.ts";
import { type CuttingProxy, startCuttingProxy } from "../../support/cutting-proxy.ts";
import { startEtcd, type TestEtcd } from "../../support/etcd.ts";
import { eventually } from "../../support/eventually.ts";
import { describeWith } from "../../support/needs.ts";
import { RecordedListener } from "./recorded-listener.ts";

describeWith(["etcd"], "the watch cache on etcd", () => {
  let etcd: TestEtcd;
  let proxy: CuttingProxy;
  /** Another API server's: it does not go through the proxy. */
  let other: Store;
  let store: Store;
  let cache: WatchCache;
  let at: string;
  beforeAll(async () => {
    etcd = await startEtcd();
    other = await open(etcd.endpoints[0]!);
  });
  afterAll(async () => {
    await other?.close();
    await etcd?.stop();
  });
  beforeEach(async () => {
    at = `/registry/${randomUUID()}/`;
    proxy = await startCuttingProxy(etcd.port);
    store = await open(proxy.endpoint);
    cache = await WatchCache.start(store, [at], { clock: systemClock, log: silentLog });
  });
  afterEach(async () => {
    cache.stop();
    await store.close();
    await proxy.close();
  });

  describe("a fresh read", () => {
    test("shows what another API server has just written", async () => {
      for (let i = 0; i < 50; i++) {
        const revision = await write(`web-${i}`);
        await cache.fresh();
        expect(cache.resource(at).get(`${at}web-${i}`)?.modRevision).toBe(revision);
      }
    });

    test("counts writes outside what is cached", async () => {
      const result = await other.create(`/registry/elsewhere/${randomUUID()}`, Buffer.from("{}"));
      if (!result.succeeded) throw new Error("refused");
      expect(await cache.fresh()).toBeGreaterThanOrEqual(result.revision);
      expect(cache.resource(at).revision).toBeGreaterThanOrEqual(result.revision);
    });

    test("says that etcd does not answer", async () => {
      proxy.refuse();
      await expect(cache.fresh()).rejects.toThrow(UnavailableError);
    });
  });

  test("goes on after a cut, without loss and without a word to those who watch", async () => {
    const listener = new RecordedListener();
    cache.resource(at).watch(cache.revision, listener);
    for (let i = 0; i < 100; i++) {
      if (i % 20 === 10) proxy.cut();
      await write(`web-${i}`);
    }
    await listener.received(100);
    expect(listener.events.map(({ current }) => current.key)).toEqual(
      Array.from({ length: 100 }, (_, i) => `${at}web-${i}`),
    );
    expect(listener.errors).toEqual([]);
  });

  test("is filled anew when what it missed is compacted away, and those who watch must list", async () => {
    const gone = await write("gone");
    await cache.fresh();
    const listener = new RecordedListener();
    const before = cache.revision;
    cache.resource(at).watch(before, listener);

    proxy.refuse();
    await other.delete(`${at}gone`, gone);
    const last = await write("new");
    await other.compact(last);
    proxy.accept();

    await listener.ended();
    await eventually(() => cache.waitFor(last));
    expect(
      cache
        .resource(at)
        .list()
        .items.map(({ key }) => key),
    ).toEqual([`${at}new`]);
    const begin = () => cache.resource(at).watch(before, new RecordedListener());
    expect(begin).toThrow(/^too old resource version/);

    const again = new RecordedListener();
    cache.resource(at).watch(cache.revision, again);
    await write("newer");
    await again.received(1);
    expect(listener.events).toEqual([]);
  });

  test("does not start on an etcd that does not answer", async () => {
    proxy.refuse();
    const options = { clock: systemClock, log: silentLog };
    await expect(WatchCache.start(store, [at], options)).rejects.toThrow(UnavailableError);
  });

  async function write(name: string): Promise<number> {
    const pod = { kind: "Pod", apiVersion: "v1", metadata: { name } };
    const result = await other.create(at + name, Buffer.from(JSON.stringify(pod)));
    if (!result.succeeded) throw new Error("the write was refused");
    return result.revision;
  }
});

function open(endpoint: string): Promise<Store> {
  return openEtcdStore({ endpoints: [endpoint], clock: systemClock, log: silentLog });
}
