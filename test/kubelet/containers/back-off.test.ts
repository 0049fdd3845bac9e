import { describe, expect, test } from "vitest";
import { BackOff, goDuration } from "../../../src/kubelet/containers/back-off.ts";
import { TestClock } from "../../support/test-clock.ts";

describe("a back-off", () => {
  test("lets the first restart pass, then doubles from 10 s up to 5 minutes", () => {
    const clock = new TestClock();
    const backOff = new BackOff(clock);
    const waits: number[] = [];

    for (let restart = 0; restart < 9; restart++) {
      const ended = clock.now();
      const waitMs = backOff.remainingMs("web", ended);
      waits.push(waitMs / 1000);
      clock.advance(waitMs);
      backOff.next("web", ended);
    }

    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  test("is forgotten when the container has run for more than 10 minutes", () => {
    const clock = new TestClock();
    const backOff = new BackOff(clock);
    for (let i = 0; i < 4; i++) backOff.next("web", clock.now());

    clock.advance(600_001);
    expect(backOff.remainingMs("web", clock.now())).toBe(0);
    backOff.next("web", clock.now());

    expect(backOff.delayMs("web")).toBe(10_000);
  });
});

test.each([
  [0, "0s"],
  [250, "250ms"],
  [1_500, "1.5s"],
  [10_000, "10s"],
  [80_000, "1m20s"],
  [300_000, "5m0s"],
  [3_600_000, "1h0m0s"],
])("%i ms is written %s, as Go does", (ms, text) => {
  expect(goDuration(ms)).toBe(text);
});
