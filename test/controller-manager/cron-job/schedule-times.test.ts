import { describe, expect, test } from "vitest";
import { parseCronSchedule } from "../../../src/api/batch/cron-schedule.ts";
import { scheduleTimes } from "../../../src/controller-manager/cron-job/schedule-times.ts";
import { timeInZone } from "../../../src/controller-manager/cron-job/zone-offset.ts";

function times(schedule: string, from: string, zone = "Etc/UTC", count = 3): string[] {
  const next = scheduleTimes(parseCronSchedule(schedule), zone);
  const found: string[] = [];
  for (let time = next(new Date(from)); time !== undefined && found.length < count; ) {
    found.push(time.toISOString().replace(":00.000Z", ""));
    time = next(time);
  }
  return found;
}

describe("a schedule", () => {
  test.each([
    ["*/20 * * * *", ["2026-11-22T20:20", "2026-11-22T20:40", "2026-11-22T21:00"]],
    ["5/25 * * * *", ["2026-11-22T20:05", "2026-11-22T20:30", "2026-11-22T20:55"]],
    ["0 0 * * MON", ["2026-11-23T00:00", "2026-11-30T00:00", "2026-12-07T00:00"]],
    ["0 0 1 * 1", ["2026-11-23T00:00", "2026-11-30T00:00", "2026-12-01T00:00"]],
    ["0 0 1 * ?", ["2026-12-01T00:00", "2027-01-01T00:00", "2027-02-01T00:00"]],
    ["0 0 29 2 *", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]],
    ["0 0 31 2 *", []],
    ["@hourly", ["2026-11-22T21:00", "2026-11-22T22:00", "2026-11-22T23:00"]],
    ["@weekly", ["2026-11-29T00:00", "2026-12-06T00:00", "2026-12-13T00:00"]],
    ["@every 90m", ["2026-11-22T21:30", "2026-11-22T23:00", "2026-11-23T00:30"]],
  ])("%s has the times it has in cron", (schedule, expected) => {
    expect(times(schedule, "2026-11-22T20:00:00Z")).toEqual(expected);
  });

  test("is of its zone", () => {
    expect(times("0 9 * * *", "2026-11-22T20:00:00Z", "Asia/Kolkata", 1)).toEqual([
      "2026-11-23T03:30",
    ]);
    expect(times("0 9 1 7 *", "2026-11-22T20:00:00Z", "Europe/Berlin", 1)).toEqual([
      "2027-07-01T07:00",
    ]);
  });

  test("has no times in the hour that the spring skips", () => {
    expect(times("30 2 * * *", "2026-03-28T00:00:00Z", "Europe/Berlin")).toEqual([
      "2026-03-28T01:30",
      "2026-03-30T00:30",
      "2026-03-31T00:30",
    ]);
    expect(times("0 * * * *", "2026-03-28T23:30:00Z", "Europe/Berlin")).toEqual([
      "2026-03-29T00:00",
      "2026-03-29T01:00",
      "2026-03-29T02:00",
    ]);
  });

  test("has the times of the hour that the autumn repeats twice", () => {
    expect(times("30 2 * * *", "2026-10-24T12:00:00Z", "Europe/Berlin")).toEqual([
      "2026-10-25T00:30",
      "2026-10-25T01:30",
      "2026-10-26T01:30",
    ]);
  });
});

test("a time in a zone is written with its offset", () => {
  const time = new Date("2026-11-22T20:00:00Z");
  expect(timeInZone("Etc/UTC", time)).toBe("2026-11-22T20:00:00Z");
  expect(timeInZone("Europe/Berlin", time)).toBe("2026-11-22T21:00:00+01:00");
  expect(timeInZone("America/St_Johns", time)).toBe("2026-11-22T16:30:00-03:30");
});
