import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/component/random.ts";
import { joinServices } from "../../src/proxy/endpoints-map.ts";
import { parsePortRange, withLocalPort } from "../../src/proxy/userspace/local-port.ts";
import { RoundRobin } from "../../src/proxy/userspace/round-robin.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { aService, endpointsOf, NODE, PODS, type PodName } from "./cases.ts";

const NAME = "default/web:http";
const AFFINITY = {
  spec: {
    sessionAffinity: "ClientIP",
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
  },
};

function balancer(shape: Parameters<typeof aService>[0] = {}) {
  const clock = new ManualClock();
  const balance = new RoundRobin({ clock, random: seededRandom(3) });
  const set = (...pods: PodName[]) =>
    balance.update(joinServices([aService(shape)], [endpointsOf({ pods })], NODE));
  const take = (count: number, client = "10.0.0.1") =>
    Array.from({ length: count }, () => balance.next(NAME, client)?.ip);
  return { clock, balance, set, take };
}

describe("round robin", () => {
  test("takes each endpoint in turn", () => {
    const { set, take } = balancer();
    set("a", "b", "c");
    const first = take(3);
    expect(first.toSorted()).toEqual([PODS.a, PODS.b, PODS.c]);
    expect(take(6)).toEqual([...first, ...first]);
  });

  test("goes on where it was when the endpoints stay the same", () => {
    const { set, take } = balancer();
    set("a", "b", "c");
    const [first, second, third] = take(3);
    take(1);
    set("c", "b", "a");
    expect(take(2)).toEqual([second, third]);
    expect(take(1)).toEqual([first]);
  });

  test("has none for a service without ready endpoints, and for one it does not know", () => {
    const { balance, set, take } = balancer();
    expect(take(1)).toEqual([undefined]);
    balance.update(
      joinServices([aService({})], [endpointsOf({ pods: [], notReady: ["a"] })], NODE),
    );
    expect(take(1)).toEqual([undefined]);
    set("a");
    expect(take(1)).toEqual([PODS.a]);
    balance.update([]);
    expect(take(1)).toEqual([undefined]);
  });

  test("keeps a client with its endpoint until it has stayed away too long", () => {
    const { clock, set, take } = balancer(AFFINITY);
    set("a", "b");
    const [one] = take(1, "10.0.0.1");
    const [other] = take(1, "10.0.0.2");
    expect(other).not.toBe(one);
    clock.advance(59_000);
    expect(take(2, "10.0.0.1")).toEqual([one, one]);
    clock.advance(59_000);
    expect(take(1, "10.0.0.1")).toEqual([one]);
    clock.advance(60_000);
    take(1, "10.0.0.3");
    expect(take(1, "10.0.0.1")).toEqual([other]);
  });

  test("forgets a client's endpoint that is gone, or was not to be reached", () => {
    const { balance, set, take } = balancer(AFFINITY);
    set("a", "b");
    const [one] = take(1);
    const next = balance.next(NAME, "10.0.0.1", true)!.ip;
    expect(next).not.toBe(one);
    expect(take(2)).toEqual([next, next]);
    set("c");
    expect(take(1)).toEqual([PODS.c]);
  });
});

describe("the range of proxy ports", () => {
  test.each([
    ["", undefined],
    ["0-0", undefined],
    ["10000-10100", { first: 10_000, last: 10_100 }],
    ["10000+100", { first: 10_000, last: 10_100 }],
    ["8080", { first: 8080, last: 8080 }],
  ])("%j is %j", (text, range) => {
    expect(parsePortRange(text)).toEqual(range);
  });

  test.each(["x", "10-5", "1-70000", "-5"])("%j is refused", (text) => {
    expect(() => parsePortRange(text)).toThrow(`${text} is not a valid port range`);
  });

  test("is searched for a port that is free", async () => {
    const taken = new Set([10, 11, 12]);
    const listen = async (port: number) => {
      if (!taken.has(port)) return port;
      throw Object.assign(new Error("in use"), { code: "EADDRINUSE" });
    };
    const range = { first: 10, last: 13 };
    expect(await withLocalPort(range, seededRandom(1), listen)).toBe(13);
    taken.add(13);
    await expect(withLocalPort(range, seededRandom(1), listen)).rejects.toThrow(
      "no free port in 10-13",
    );
  });
});
