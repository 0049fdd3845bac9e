import { type Answer, decode, encode, type Packet } from "dns-packet";
import { describe, expect, test } from "vitest";
import { AnswerCache } from "../../src/dns/cache.ts";
import { TestClock } from "../support/test-clock.ts";
import { a } from "./small-upstream.ts";

const QUESTION = { name: "example.com", type: "A" } as const;
const NXDOMAIN = 3;
const SERVFAIL = 2;
const TRUNCATED = 0x0200;

const soa = (ttl: number, minimum: number): Answer => ({
  ...{ name: "example.com", type: "SOA", ttl },
  data: { mname: "ns.example.com", rname: "root.example.com", minimum },
});

const message = (packet: Packet) =>
  encode({ type: "response", id: 1, questions: [QUESTION], ...packet });

function aCache(size = 100) {
  const clock = new TestClock();
  return { clock, cache: new AnswerCache({ clock, size, maxTtlSeconds: 30 }) };
}

const ttls = (bytes: Buffer | undefined) => {
  const { answers = [], authorities = [] } = decode(bytes!);
  return [...answers, ...authorities].map((one) => (one as { ttl: number }).ttl);
};

describe("a cached answer", () => {
  test("lives as long as the first of its records, and counts down", () => {
    const { cache, clock } = aCache();
    cache.put("q", message({ answers: [a("example.com", "1.2.3.4", 20), a("b.com", "::", 10)] }));
    clock.advance(4_500);
    expect(ttls(cache.get("q"))).toEqual([16, 6]);
    clock.advance(5_499);
    expect(cache.get("q")).toBeDefined();
    clock.advance(1);
    expect(cache.get("q")).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  test("lives no longer than the limit", () => {
    const { cache, clock } = aCache();
    cache.put("q", message({ answers: [a("example.com", "1.2.3.4", 86_400)] }));
    expect(ttls(cache.get("q"))).toEqual([30]);
    clock.advance(30_000);
    expect(cache.get("q")).toBeUndefined();
  });

  test.each([
    ["NXDOMAIN, as long as the SOA record", { flags: NXDOMAIN, authorities: [soa(5, 900)] }, 5],
    ["NXDOMAIN, as long as the SOA's minimum", { flags: NXDOMAIN, authorities: [soa(900, 7)] }, 7],
    ["an empty answer too", { authorities: [soa(900, 7)] }, 7],
    ["an answer without SOA not at all", { flags: NXDOMAIN }, 0],
    ["a failure not at all", { flags: SERVFAIL, answers: [a("example.com", "1.2.3.4")] }, 0],
    ["what is cut off not at all", { flags: TRUNCATED, answers: [a("x.com", "1.2.3.4")] }, 0],
    ["a record for this once not at all", { answers: [a("example.com", "1.2.3.4", 0)] }, 0],
  ])("keeps %s", (_, packet, seconds) => {
    const { cache, clock } = aCache();
    cache.put("q", message(packet));
    expect(cache.size).toBe(seconds === 0 ? 0 : 1);
    clock.advance(seconds * 1_000 - 1);
    expect(cache.get("q") !== undefined).toBe(seconds > 0);
    clock.advance(1);
    expect(cache.get("q")).toBeUndefined();
  });

  test("makes room for a newer one, the oldest first", () => {
    const { cache } = aCache(2);
    for (const key of ["a", "b", "a", "c"]) {
      cache.put(key, message({ answers: [a("example.com", "1.2.3.4")] }));
    }
    expect(["a", "b", "c"].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true]);
  });

  test("is a copy", () => {
    const { cache } = aCache();
    cache.put("q", message({ answers: [a("example.com", "1.2.3.4")] }));
    cache.get("q")!.fill(0);
    expect(ttls(cache.get("q"))).toEqual([30]);
  });
});
