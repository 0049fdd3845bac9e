/** A member that takes requests and never answers: nothing but time tells. In a file of its own, for it takes 15 s. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEtcdStore } from "../../../src/apiserver/storage/etcd-store.ts";
import { type Store, UnavailableError } from "../../../src/apiserver/storage/store.ts";
import { systemClock } from "../../../src/component/clock.ts";
import { silentLog } from "../../../src/component/log.ts";
import { type CuttingProxy, startCuttingProxy } from "../../support/cutting-proxy.ts";
import { startEtcd, type TestEtcd } from "../../support/etcd.ts";
import { describeWith } from "../../support/needs.ts";
import { RecordedWatch } from "./recorded-watch.ts";

describeWith(["etcd"], "the etcd store, one of its endpoints stuck", () => {
  let etcd: TestEtcd;
  let stuck: CuttingProxy;
  let store: Store;
  beforeAll(async () => {
    etcd = await startEtcd();
    stuck = await startCuttingProxy(etcd.port);
    const endpoints = [stuck.endpoint, ...etcd.endpoints];
    store = await openEtcdStore({ endpoints, clock: systemClock, log: silentLog });
  });
  afterAll(async () => {
    await store?.close();
    await stuck?.close();
    await etcd?.stop();
  });

  test("gives up one call, sends the next ones and the watch elsewhere", async () => {
    const watch = new RecordedWatch(store, "", 1);
    await store.create("/before", Buffer.from("1"));
    await watch.received(1);

    stuck.swallowAnswers();
    // One call waits ten seconds for an answer; two in a row would take twenty.
    const start = performance.now();
    await expect(store.create("/given-up", Buffer.from("1"))).rejects.toThrow(UnavailableError);
    expect((await store.create("/elsewhere", Buffer.from("1"))).succeeded).toBe(true);
    expect(performance.now() - start).toBeLessThan(19_000);

    // Nobody knew, but the write that was given up has been made.
    await watch.received(3);
    expect(watch.events.map(({ key }) => key)).toEqual(["/before", "/given-up", "/elsewhere"]);
    watch.stop();
  });
});
