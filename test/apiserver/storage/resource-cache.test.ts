import { beforeEach, describe, expect, test } from "vitest";
import { ResourceCache } from "../../../src/apiserver/storage/resource-cache.ts";
import type { KeyValue, StoreEvent } from "../../../src/apiserver/storage/store.ts";
import { silentLog } from "../../../src/component/log.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordedListener } from "./recorded-listener.ts";

let clock: ManualClock;
let pods: ResourceCache;
beforeEach(() => {
  clock = new ManualClock();
  pods = new ResourceCache("/registry/pods/", clock, silentLog);
});

describe("a resource in the watch cache", () => {
  test("takes what came before its first list, as far as the list does not show it", () => {
    pods.apply([added("a", 5), added("b", 6)], 6);
    pods.apply([added("c", 7)], 7);
    expect([pods.isFilled, pods.size]).toEqual([false, 0]);
    pods.replace([item("a", 5), item("b", 6)], 6);
    expect([pods.isFilled, pods.revision, shown()]).toEqual([true, 7, ["5 a", "6 b", "7 c"]]);
    const listener = new RecordedListener();
    expect(() => pods.watch(5, listener)).toThrow("too old resource version: 5 (6)");
  });

  test("is not taken back by a watch that is behind its list", async () => {
    pods.replace([item("a", 9)], 10);
    const listener = new RecordedListener();
    pods.watch(10, listener);
    await turn();
    pods.apply([added("a", 5), deleted("gone", 8)], 8);
    expect([pods.revision, shown()]).toEqual([10, ["9 a"]]);
    pods.apply([added("gone", 7), added("a", 9), added("b", 11)], 11);
    expect([pods.revision, shown()]).toEqual([11, ["9 a", "11 b"]]);
    expect(listener.lines).toEqual(["11 ADDED b"]);
  });

  test("tells each listener once, also one that begins while others are told", async () => {
    pods.replace([], 1);
    const nested = new RecordedListener();
    let isBegun = false;
    pods.watch(1, {
      onEvents: () => {
        if (!isBegun) pods.watch(1, nested);
        isBegun = true;
      },
      onError: () => undefined,
    });
    await turn();
    pods.apply([added("a", 2)], 2);
    pods.apply([added("b", 3)], 3);
    await turn();
    pods.apply([added("c", 4)], 4);
    expect(nested.lines).toEqual(["2 ADDED a", "3 ADDED b", "4 ADDED c"]);
  });

  test("tells of no delete of what it does not know", async () => {
    pods.replace([], 1);
    const listener = new RecordedListener();
    pods.watch(1, listener);
    await turn();
    pods.apply([deleted("a", 2), added("b", 3)], 3);
    expect(listener.lines).toEqual(["3 ADDED b"]);
  });

  test("gives its old events back in time", () => {
    pods.replace([], 1);
    for (let i = 2; i <= 500; i++) pods.apply([added("a", i)], i);
    pods.watch(1, new RecordedListener()).stop();
    clock.advance(76_000);
    pods.trim();
    const begin = () => pods.watch(1, new RecordedListener());
    expect(begin).toThrow("too old resource version: 1 (400)");
  });
});

const shown = () =>
  pods.list().items.map(({ modRevision, object }) => `${modRevision} ${object.metadata.name}`);

const keyOf = (name: string) => `/registry/pods/default/${name}`;
const podOf = (name: string) =>
  Buffer.from(`{"kind":"Pod","apiVersion":"v1","metadata":{"name":"${name}"}}`);

function item(name: string, revision: number): KeyValue {
  const value = podOf(name);
  return { key: keyOf(name), value, createRevision: revision, modRevision: revision };
}

function added(name: string, revision: number): StoreEvent {
  return { type: "put", ...item(name, revision) };
}

function deleted(name: string, revision: number): StoreEvent {
  return { type: "delete", ...item(name, revision), previous: podOf(name) };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
