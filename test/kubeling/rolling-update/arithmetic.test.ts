import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  boundsOf,
  isDone,
  nextDown,
  nextUp,
} from "../../../src/kubeling/rolling-update/arithmetic.ts";

describe("a rolling update with surge 1 and nothing unavailable", () => {
  const bounds = boundsOf(3, 1, 0);

  test.each([
    // old, new -> new
    [3, 0, 1],
    [3, 1, undefined],
    [2, 1, 2],
    [1, 2, 3],
    [0, 1, 3],
    [0, 3, undefined],
    [5, 0, undefined],
  ])("from %i old and %i new grows to %o", (old, fresh, size) => {
    expect(nextUp({ old, new: fresh }, bounds)).toBe(size);
  });

  test.each([
    // old, new, ready of the new -> old
    [3, 1, 0, undefined],
    [3, 1, 1, 2],
    [2, 2, 1, undefined],
    [2, 2, 2, 1],
    [1, 3, 3, 0],
    [5, 3, 3, 0],
    [5, 0, 0, 3],
    [0, 3, 0, undefined],
  ])("from %i old and %i new, %i of them ready, shrinks to %o", (old, fresh, ready, size) => {
    expect(nextDown({ old, new: fresh }, ready, bounds)).toBe(size);
  });
});

test("a rolling update to nothing needs nothing to stay", () => {
  const bounds = boundsOf(0, 1, 0);
  expect(bounds.minAvailable).toBe(0);
  expect(nextUp({ old: 3, new: 0 }, bounds)).toBeUndefined();
  expect(nextDown({ old: 3, new: 0 }, 0, bounds)).toBe(0);
});

test("whatever becomes ready when, it ends, and never goes beyond its bounds (property)", () => {
  const shape = fc
    .record({
      old: fc.integer({ min: 0, max: 30 }),
      desired: fc.integer({ min: 1, max: 30 }),
      surge: fc.integer({ min: 0, max: 5 }),
      unavailable: fc.integer({ min: 0, max: 5 }),
      readiness: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 50 }),
    })
    .filter(({ surge, unavailable }) => surge + unavailable > 0);
  fc.assert(
    fc.property(shape, ({ old, desired, surge, unavailable, readiness }) => {
      const bounds = boundsOf(desired, surge, unavailable);
      const sizes = { old, new: 0 };
      const most = Math.max(old, desired + surge);
      let ready = 0;
      for (let i = 0; !isDone(sizes, bounds); i++) {
        expect(i).toBeLessThan(200);
        sizes.new = nextUp(sizes, bounds) ?? sizes.new;
        expect(sizes.old + sizes.new).toBeLessThanOrEqual(most);
        // Not before its time, but in the end, all are ready.
        ready = Math.min(sizes.new, Math.max(ready, readiness[i] ?? sizes.new));
        const before = sizes.old + ready;
        sizes.old = nextDown(sizes, ready, bounds) ?? sizes.old;
        expect(sizes.old + ready).toBeGreaterThanOrEqual(Math.min(before, bounds.minAvailable));
      }
      expect(sizes).toEqual({ old: 0, new: desired });
    }),
  );
});
