import * as fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { WorkQueue } from "../../src/client/work-queue.ts";
import { TestClock } from "../support/test-clock.ts";

let clock: TestClock;
let queue: WorkQueue;
beforeEach(() => {
  clock = new TestClock();
  queue = new WorkQueue({ clock });
});

describe("a work queue", () => {
  test("hands out each key once, in the order they came", async () => {
    for (const key of ["b", "a", "b", "c"]) queue.add(key);
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual(["b", "a", "c"]);
    expect(queue.depth).toBe(0);
  });

  test("keeps a key back that is being worked on, and gives it again after", async () => {
    queue.add("a");
    await queue.take();
    queue.add("a");
    queue.add("a");
    expect(queue.depth).toBe(0);
    expect(queue.idle).toBe(false);
    queue.done("a");
    expect(await queue.take()).toBe("a");
    queue.done("a");
    expect(queue.idle).toBe(true);
  });

  test("adds later, and sooner if that was asked for", async () => {
    queue.addAfter("a", 1_000);
    queue.addAfter("a", 100);
    queue.addAfter("a", 5_000);
    clock.advance(100);
    expect(await queue.take()).toBe("a");
    queue.done("a");
    clock.advance(10_000);
    expect(queue.idle).toBe(true);
  });

  test("doubles the back-off of a key up to 1000 s, until it is forgotten", () => {
    const waits: number[] = [];
    for (let tries = 0; tries < 20; tries++) {
      const beforeMs = clock.monotonicMs();
      queue.retry("a");
      while (queue.depth === 0) clock.advance(5);
      waits.push(clock.monotonicMs() - beforeMs);
      void queue.take();
      queue.done("a");
    }
    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(waits.at(-1)).toBe(1_000_000);
    expect(queue.failuresOf("a")).toBe(20);
    queue.forget("a");
    queue.retry("a");
    clock.advance(5);
    expect(queue.depth).toBe(1);
  });

  test("lets all go when it is closed, and takes nothing more", async () => {
    const waiting = queue.take();
    queue.addAfter("a", 10);
    queue.close();
    expect(await waiting).toBeUndefined();
    queue.add("b");
    clock.advance(1_000);
    expect(await queue.take()).toBeUndefined();
    expect(queue.idle).toBe(true);
  });

  test("never gives one key to two workers, and forgets none", async () => {
    const key = fc.constantFrom("a", "b", "c");
    const step = fc.oneof(
      fc.record({ do: fc.constant("add" as const), key }),
      fc.record({ do: fc.constant("take" as const), key }),
      fc.record({ do: fc.constant("done" as const), key }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        queue = new WorkQueue({ clock });
        const busy = new Set<string>();
        const due = new Set<string>();
        for (const { do: action, key } of steps) {
          if (action === "add") {
            queue.add(key);
            due.add(key);
          } else if (action === "take" && queue.depth > 0) {
            const taken = (await queue.take())!;
            expect(busy.has(taken)).toBe(false);
            expect(due.delete(taken)).toBe(true);
            busy.add(taken);
          } else if (action === "done" && busy.delete(key)) queue.done(key);
        }
        for (const key of busy) queue.done(key);
        while (queue.depth > 0) due.delete((await queue.take())!);
        expect([...due]).toEqual([]);
      }),
    );
  });
});
