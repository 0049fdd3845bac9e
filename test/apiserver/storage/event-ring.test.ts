import { describe, expect, test } from "vitest";
import { CachedEvent } from "../../../src/apiserver/storage/cached-object.ts";
import { EventRing } from "../../../src/apiserver/storage/event-ring.ts";

describe("the recent events of a resource", () => {
  test("are remembered for 75 seconds", () => {
    const ring = new EventRing(0);
    for (let i = 1; i <= 500; i++) ring.add(eventAt(i), i * 1_000);
    // The newest is 75 s younger than number 425.
    expect(ring.since(424).map(({ revision }) => revision)[0]).toBe(425);
    expect(ring.length).toBe(100);
    for (let i = 501; i <= 1_500; i++) ring.add(eventAt(i), 500_000);
    ring.trim(575_000);
    expect(ring.length).toBe(1_001);
    expect(() => ring.since(498)).toThrow("too old resource version: 498 (499)");
  });

  test("are at least the last hundred, however old", () => {
    const ring = new EventRing(7);
    for (let i = 8; i <= 300; i++) ring.add(eventAt(i), 0);
    ring.trim(24 * 3_600_000);
    expect(ring.since(200)).toHaveLength(100);
    expect(() => ring.since(199)).toThrow("too old resource version: 199 (200)");
  });

  test("are at most twenty thousand, however young", () => {
    const ring = new EventRing(0);
    for (let i = 1; i <= 50_000; i++) ring.add(eventAt(i), 0);
    expect(ring.length).toBe(20_000);
    expect(ring.since(30_000)).toHaveLength(20_000);
    expect(ring.since(49_990).map(({ revision }) => revision)).toEqual(
      Array.from({ length: 10 }, (_, i) => 49_991 + i),
    );
  });

  test("begin after the list they go on from", () => {
    const ring = new EventRing(7);
    expect(ring.since(7)).toEqual([]);
    expect(ring.since(9)).toEqual([]);
    expect(() => ring.since(6)).toThrow("too old resource version: 6 (7)");
  });
});

function eventAt(revision: number): CachedEvent {
  const value = Buffer.from('{"kind":"Pod","apiVersion":"v1","metadata":{}}');
  const when = { createRevision: revision, modRevision: revision };
  return new CachedEvent({ type: "put", key: "/registry/pods/a/b", value, ...when }, undefined);
}
