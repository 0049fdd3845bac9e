import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "../../src/scheduler/heap.ts";

interface Item {
  key: string;
  rank: number;
}

/** Any sequence of pushes, pops and deletions gives what a sorted list would. */
test("a heap behaves as a sorted list does", () => {
  const action = fc.oneof(
    fc.record({ push: fc.nat(20), rank: fc.nat(5) }),
    fc.record({ delete: fc.nat(20) }),
    fc.constant("pop" as const),
  );
  const order = (a: Item, b: Item) => a.rank - b.rank || a.key.localeCompare(b.key);
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const heap = new Heap<Item>(order);
      let list: Item[] = [];
      for (const one of actions) {
        if (one === "pop") {
          expect(heap.pop()).toEqual(list.toSorted(order)[0]);
          list = list.toSorted(order).slice(1);
        } else if ("push" in one) {
          const item = { key: `k${one.push}`, rank: one.rank };
          heap.push(item);
          list = [...list.filter(({ key }) => key !== item.key), item];
        } else {
          heap.delete(`k${one.delete}`);
          list = list.filter(({ key }) => key !== `k${one.delete}`);
        }
        expect(heap.size).toBe(list.length);
        expect(heap.peek()).toEqual(list.toSorted(order)[0]);
      }
    }),
  );
});
