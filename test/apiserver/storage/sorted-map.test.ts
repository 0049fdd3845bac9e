import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SortedMap } from "../../../src/apiserver/storage/sorted-map.ts";

describe("a sorted map", () => {
  test("is a map whose values come in order of key", () => {
    const key = fc.stringMatching(/^[ab/]{0,6}$/);
    const change = fc.tuple(key, fc.option(fc.nat()));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), key, key, (changes, prefix, from) => {
        const map = new SortedMap<number>();
        const model = new Map<string, number>();
        for (const [name, value] of changes) {
          if (value === null) {
            map.delete(name);
            model.delete(name);
          } else {
            map.set(name, value);
            model.set(name, value);
          }
        }
        expect(map.size).toBe(model.size);
        for (const [name] of changes) expect(map.get(name)).toBe(model.get(name));
        const wanted = [...model].filter(([name]) => name.startsWith(prefix) && name >= from);
        const inOrder = wanted.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
        expect(map.values(prefix, from)).toEqual(inOrder);
      }),
      { numRuns: 500 },
    );
  });

  test("stays in order through many thousand insertions and deletions", () => {
    const map = new SortedMap<string>();
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${(i * 7919) % 20_000}`);
    for (const key of keys) map.set(key, key);
    expect(map.values()).toEqual(keys.toSorted());
    for (const key of keys.slice(5_000)) map.delete(key);
    expect(map.values()).toEqual(keys.slice(0, 5_000).toSorted());
    expect(map.size).toBe(5_000);
    // A whole stretch goes, from the middle, and comes back.
    const stretch = map.values("k1");
    for (const key of stretch) map.delete(key);
    expect(map.values("k1")).toEqual([]);
    for (const key of stretch) map.set(key, key);
    expect(map.values()).toEqual(keys.slice(0, 5_000).toSorted());
    map.clear();
    expect([map.size, map.values()]).toEqual([0, []]);
  });
});
