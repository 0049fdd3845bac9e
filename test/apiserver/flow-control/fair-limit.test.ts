import { describe, expect, test } from "vitest";
import { FairLimit, SeatPool } from "../../../src/apiserver/flow-control/fair-limit.ts";
import { TestClock } from "../../support/test-clock.ts";

/** Everybody who asks at once, and in which order they were let in. */
async function queued(limit: FairLimit, users: string[], served: string[]) {
  for (const user of users) {
    if (limit.enter(user)) served.push(user);
    else void limit.wait(user).then(() => served.push(user));
  }
  await Promise.resolve();
}

async function leave(limit: FairLimit, user: string) {
  limit.leave(user);
  await Promise.resolve();
}

describe("a fair limit", () => {
  test("lets in whom there is a seat for, and counts", () => {
    const limit = new FairLimit({ seats: 2, clock: new TestClock() });
    expect([limit.enter("a"), limit.enter("a"), limit.enter("b")]).toEqual([true, true, false]);
    limit.leave("a");
    expect(limit.enter("b")).toBe(true);
    expect(limit.inFlight).toBe(2);
  });

  test("gives the next seat to who has fewest, however many another has waiting", async () => {
    const limit = new FairLimit({ seats: 3, clock: new TestClock() });
    const served: string[] = [];
    await queued(limit, Array(200).fill("greedy"), served);
    await queued(limit, ["modest", "third"], served);
    expect(served).toEqual(["greedy", "greedy", "greedy"]);
    await leave(limit, "greedy");
    await leave(limit, "greedy");
    expect(served.slice(3)).toEqual(["modest", "third"]);
    expect(limit.inFlight).toBe(3);
  });

  test("serves equals in turn", async () => {
    const limit = new FairLimit({ seats: 1, clock: new TestClock() });
    const served: string[] = [];
    await queued(limit, ["first", "a", "a", "a", "b", "b", "c"], served);
    for (let i = 0; i < 6; i++) await leave(limit, served.at(-1)!);
    expect(served).toEqual(["first", "a", "b", "c", "a", "b", "a"]);
  });

  test("refuses who has too many waiting, and nobody else", async () => {
    const limit = new FairLimit({ seats: 1, clock: new TestClock(), queueLength: 1 });
    limit.enter("a");
    void limit.wait("a");
    await expect(limit.wait("a")).rejects.toMatchObject({
      status: {
        code: 429,
        reason: "TooManyRequests",
        message: "Too many requests, please try again later.",
        details: { retryAfterSeconds: 1 },
      },
    });
    const other = limit.wait("b");
    limit.leave("a");
    limit.leave("a");
    await other;
    expect(limit.rejected).toMatchObject({ "queue-full": 1, "time-out": 0 });
  });

  test("refuses who has waited too long, and forgets them", async () => {
    const clock = new TestClock();
    const limit = new FairLimit({ seats: 1, clock, patienceMs: 1_000 });
    limit.enter("a");
    const refused = expect(limit.wait("b")).rejects.toMatchObject({ code: 429 });
    clock.advance(1_000);
    await refused;
    expect(limit.waiting).toBe(0);
    limit.leave("a");
    expect(limit.inFlight).toBe(0);
    expect(limit.enter("c")).toBe(true);
  });

  test("without a queue refuses at once who finds no seat", async () => {
    const limit = new FairLimit({ seats: 1, clock: new TestClock(), queueLength: 0 });
    expect([limit.enter("a"), limit.enter("b")]).toEqual([true, false]);
    await expect(limit.wait("b")).rejects.toMatchObject({ code: 429 });
    expect(limit.rejected["concurrency-limit"]).toBe(1);
  });

  test("lets in those who wait as soon as it is given more seats, and nobody new while it has too few", async () => {
    const limit = new FairLimit({ seats: 1, clock: new TestClock() });
    const served: string[] = [];
    await queued(limit, ["a", "b", "c", "d"], served);
    limit.resize({ seats: 3, queueLength: 300 });
    await Promise.resolve();
    expect(served).toEqual(["a", "b", "c"]);
    limit.resize({ seats: 1, queueLength: 300 });
    await leave(limit, "a");
    await leave(limit, "b");
    expect([served.length, limit.inFlight]).toEqual([3, 1]);
    await leave(limit, "c");
    expect(served).toEqual(["a", "b", "c", "d"]);
  });
});

describe("limits that share a pool of seats", () => {
  const clock = new TestClock();
  /** Two of three seats each; of one of them, one is lent, of the other both. */
  function start() {
    const pool = new SeatPool();
    const [a, b] = [1, 2].map(() => new FairLimit({ seats: 3, clock, pool })) as [
      FairLimit,
      FairLimit,
    ];
    pool.resize(3, [a, b]);
    a.resize({ seats: 3, queueLength: 300, lent: 1 });
    b.resize({ seats: 3, queueLength: 300, lent: 2 });
    return { pool, a, b };
  }

  test("use what the others lend and do not need, but not what they keep", async () => {
    const { pool, a, b } = start();
    const served: string[] = [];
    await queued(a, Array(10).fill("a"), served);
    expect([served.length, a.pooled, pool.free]).toEqual([5, 3, 0]);
    expect([b.enter("b"), b.enter("b")]).toEqual([true, false]);
  });

  test("get a seat that is given back in turn", async () => {
    const { pool, a, b } = start();
    const served: string[] = [];
    await queued(a, Array(20).fill("a"), served);
    await queued(b, Array(20).fill("b"), served);
    expect(served.filter((one) => one === "b")).toHaveLength(1);
    for (let i = 0; i < 3; i++) await leave(a, "a");
    const given = served.slice(6);
    expect(given.toSorted().join("")).toMatch(/^(aab|abb)$/);
    while (a.inFlight > 0) await leave(a, "a");
    while (b.inFlight > 0) await leave(b, "b");
    expect([a.waiting, b.waiting, pool.free]).toEqual([0, 0, 3]);
  });

  test("do not borrow more than they may, nor from what has become smaller", async () => {
    const { pool, a } = start();
    a.resize({ seats: 3, queueLength: 300, lent: 1, borrowing: 1 });
    const served: string[] = [];
    await queued(a, Array(10).fill("a"), served);
    expect(served).toHaveLength(4);
    pool.resize(1, [a]);
    await leave(a, "a");
    expect([served.length, pool.free]).toEqual([4, 0]);
    await leave(a, "a");
    expect(served).toHaveLength(5);
  });
});
