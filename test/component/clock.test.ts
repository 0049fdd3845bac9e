import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/component/clock.ts";

const DAY_MS = 86_400_000;

describe("the clock of the system", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test.each([
    ["at once", 0],
    ["a day", DAY_MS],
    ["the longest that Node counts to", 2 ** 31 - 1],
    ["a millisecond more than that", 2 ** 31],
    ["a year", 365 * DAY_MS],
  ])("calls back once, when the time is over: %s", (_, delayMs) => {
    const callback = vi.fn();
    systemClock.setTimeout(callback, delayMs);
    vi.advanceTimersByTime(Math.max(0, delayMs - 1));
    expect(callback).toHaveBeenCalledTimes(delayMs === 0 ? 1 : 0);
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2 * DAY_MS);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test.each([0, 10, 40])("does not call back when cancelled after %i of 60 days", (days) => {
    const callback = vi.fn();
    const timer = systemClock.setTimeout(callback, 60 * DAY_MS);
    vi.advanceTimersByTime(days * DAY_MS);
    timer.cancel();
    vi.advanceTimersByTime(90 * DAY_MS);
    expect(callback).not.toHaveBeenCalled();
  });
});
