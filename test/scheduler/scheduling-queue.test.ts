import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ClusterEvent } from "../../src/scheduler/cluster-event.ts";
import {
  backoffMs,
  type IsHelpedBy,
  SchedulingQueue,
} from "../../src/scheduler/scheduling-queue.ts";
import { TestClock } from "../support/test-clock.ts";
import { aPod } from "./made-up-cluster.ts";

let clock: TestClock;
let lifetime: AbortController;
let queue: SchedulingQueue;
let wakes: number;

beforeEach(() => {
  clock = new TestClock();
  lifetime = new AbortController();
  wakes = 0;
  const onActive = () => void wakes++;
  queue = new SchedulingQueue({ clock, signal: lifetime.signal, onActive });
});
afterEach(() => lifetime.abort());

const popped = () => queue.pop()?.key.replace("default/", "");

/** Tries a pod and finds no node for it. */
function reject(...wakesOn: ClusterEvent[]): void {
  const isHelpedBy: IsHelpedBy = (_pod, { event }) =>
    wakesOn.length === 0 || wakesOn.includes(event);
  queue.addUnschedulable(queue.pop()!, isHelpedBy);
}

describe("the scheduling queue", () => {
  test("gives the most important pod first, and among equals the oldest", () => {
    queue.add(aPod("first"));
    clock.advance(1);
    queue.add(aPod("second"));
    queue.add(aPod("third"));
    queue.add(aPod("important", { priority: 1000 }));
    queue.add(aPod("unimportant", { priority: -1 }));

    const order = Array.from({ length: 6 }, popped);
    expect(order).toEqual(["important", "first", "second", "third", "unimportant", undefined]);
    expect(wakes).toBe(5);
  });

  test.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [4, 8_000],
    [5, 10_000],
    [50, 10_000],
  ])("backs off after failure %d for %d ms", (attempts, ms) => {
    expect(backoffMs(attempts)).toBe(ms);
  });

  test("tries a pod again when what its rejection waits for happens, after its back-off", () => {
    queue.add(aPod("p"));
    reject("NodeAdd");

    queue.moveOn({ event: "AssignedPodDelete" });
    expect(queue.sizes).toEqual({ active: 0, backoff: 0, unschedulable: 1, gated: 0 });

    queue.moveOn({ event: "NodeAdd" });
    expect(queue.sizes).toEqual({ active: 0, backoff: 1, unschedulable: 0, gated: 0 });
    clock.advance(999);
    expect(popped()).toBeUndefined();
    clock.advance(1);
    expect(popped()).toBe("p");
  });

  test("tries it at once when its back-off has passed already", () => {
    queue.add(aPod("p"));
    reject("NodeAdd");
    clock.advance(1_000);
    queue.moveOn({ event: "NodeAdd" });
    expect(popped()).toBe("p");
  });

  test("moves a pod that nobody rejected by name on any event", () => {
    queue.add(aPod("p"));
    reject();
    clock.advance(1_000);
    queue.moveOn({ event: "ServiceChange" });
    expect(popped()).toBe("p");
  });

  test("moves only the pods concerned", () => {
    queue.add(aPod("p"));
    reject("AssignedPodDelete");
    queue.moveOn({ event: "AssignedPodDelete" }, ({ metadata }) => metadata.name !== "p");
    expect(queue.sizes.unschedulable).toBe(1);
  });

  test("backs off longer with each failure", () => {
    queue.add(aPod("p"));
    for (const ms of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
      queue.addBackingOff(queue.pop()!);
      clock.advance(ms - 1);
      expect(queue.sizes.active).toBe(0);
      clock.advance(1);
      expect(queue.sizes.active).toBe(1);
    }
  });

  test("leaves no pod unschedulable for more than about 5 minutes", () => {
    queue.add(aPod("p"));
    reject("NodeAdd");
    clock.advance(5 * 60_000);
    expect(queue.sizes.active).toBe(0);
    clock.advance(30_000);
    expect(popped()).toBe("p");
  });

  test("tries a pod again that was changed, if the change may help", () => {
    queue.add(aPod("p"));
    reject("NodeAdd");
    clock.advance(1_000);
    queue.update(aPod("p"), false);
    expect(queue.sizes.unschedulable).toBe(1);

    queue.update(aPod("p", { labels: { new: "yes" } }), true);
    expect(queue.pop()?.pod.metadata.labels).toEqual({ new: "yes" });
  });

  test("holds a pod once, and its latest version", () => {
    queue.add(aPod("p"));
    queue.update(aPod("p", { labels: { new: "yes" } }), true);
    expect(queue.pop()?.pod.metadata.labels).toEqual({ new: "yes" });
    expect(queue.pop()).toBeUndefined();
  });

  test("forgets a pod that is deleted, wherever it is", () => {
    queue.add(aPod("p"));
    queue.delete("default/p");
    queue.add(aPod("p"));
    queue.addBackingOff(queue.pop()!);
    queue.delete("default/p");
    queue.add(aPod("p"));
    reject("NodeAdd");
    queue.delete("default/p");
    expect(queue.sizes).toEqual({ active: 0, backoff: 0, unschedulable: 0, gated: 0 });
  });
});
