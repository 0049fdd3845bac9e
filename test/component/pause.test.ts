import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { pause } from "../../src/component/clock.ts";
import { ManualClock } from "../support/manual-clock.ts";

describe("a pause", () => {
  test("ends when its time is over, and leaves nothing on the signal", async () => {
    const clock = new ManualClock();
    const life = new AbortController();
    for (let i = 0; i < 100; i++) {
      const pausing = pause(clock, 5_000, life.signal);
      clock.advance(5_000);
      await pausing;
    }
    expect(getEventListeners(life.signal, "abort")).toHaveLength(0);
    expect(clock.pending).toBe(0);
  });

  test("ends at once when the signal aborts, before or meanwhile", async () => {
    const clock = new ManualClock();
    const life = new AbortController();
    const pausing = pause(clock, 5_000, life.signal);
    life.abort();
    await pausing;
    await pause(clock, 5_000, life.signal);
    expect(clock.pending).toBe(0);
  });
});
