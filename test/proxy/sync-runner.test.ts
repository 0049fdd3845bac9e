import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../../src/component/log.ts";
import { SyncRunner } from "../../src/proxy/sync-runner.ts";
import { ManualClock } from "../support/manual-clock.ts";

let clock: ManualClock;
let stop: AbortController;
let runner: SyncRunner;
let ended: Promise<void>;
/** When each sync began, and whether it was a check. */
let syncs: [atMs: number, isCheck: boolean][];
let failing: boolean;

beforeEach(() => {
  clock = new ManualClock();
  stop = new AbortController();
  syncs = [];
  failing = false;
  runner = new SyncRunner({
    async sync(isCheck) {
      syncs.push([clock.monotonicMs(), isCheck]);
      if (failing) throw new Error("the kernel said no");
    },
    ...{ minPeriodMs: 1_000, checkPeriodMs: 30_000, clock, log: silentLog, signal: stop.signal },
  });
  ended = runner.run();
});
afterEach(async () => {
  stop.abort();
  await ended;
});

async function pass(ms: number) {
  await settled();
  clock.advance(ms);
  await settled();
}
/** All that can happen without time passing has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("syncs", () => {
  test("begin at once after a change", async () => {
    await pass(500);
    runner.request();
    await settled();
    expect(syncs).toEqual([[500, false]]);
  });

  test("follow each other twice at once, then one in each period, for all changes between", async () => {
    for (let i = 0; i < 30; i++) {
      runner.request();
      await pass(100);
    }
    const times = syncs.map(([atMs]) => atMs);
    expect(times).toEqual([0, 100, 1_000, 2_000, 3_000]);
  });

  test("are made now and then to look at the rules", async () => {
    await pass(30_000);
    await pass(30_000);
    expect(syncs).toEqual([
      [30_000, true],
      [60_000, true],
    ]);
  });

  test("that fail are tried again, more and more slowly, with a look at the rules", async () => {
    failing = true;
    runner.request();
    await settled();
    for (let i = 0; i < 15; i++) await pass(500);
    expect(syncs).toEqual([
      [0, false],
      [1_000, true],
      [3_000, true],
      [7_000, true],
    ]);
    expect(runner.waitingMs).toBe(7_500);
    failing = false;
    await pass(8_000);
    expect(runner.waitingMs).toBe(0);
  });
});
