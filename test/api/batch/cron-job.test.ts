import { describe, expect, test } from "vitest";
import { CronJob } from "../../../src/api/batch/cron-job.ts";
import { complete, updateWordingsOf, wordingsOf } from "../judge.ts";

const template = {
  spec: { restartPolicy: "Never", containers: [{ name: "main", image: "busybox" }] },
};
const base = { schedule: "*/5 * * * *", jobTemplate: { spec: { template } } };
const wrong = (spec: object) => wordingsOf(CronJob, { spec: { ...base, ...spec } });

describe("a CronJob", () => {
  test("gets its defaults", () => {
    expect(complete(CronJob, { spec: base }).spec).toMatchObject({
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
  });

  test.each([
    "* * * * *",
    "0 0 1,15 * MON-FRI",
    "5/10 * * * *",
    "0 0 ? jan sun",
    "@hourly",
    "@every 1h30m",
  ])("takes the schedule %s", (schedule) => {
    expect(wrong({ schedule })).toEqual([]);
  });

  test.each([
    ["* * * *", "expected exactly 5 fields, found 4: [* * * *]"],
    ["* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]"],
    ["60 * * * *", "end of range (60) above maximum (59): 60"],
    ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
    ["* * * * 7", "end of range (7) above maximum (6): 7"],
    ["9-5 * * * *", "beginning of range (9) beyond end of range (5): 9-5"],
    ["*/0 * * * *", "step of range should be a positive number: */0"],
    ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
    ["*/1/2 * * * *", "too many slashes: */1/2"],
    ["a * * * *", 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ["* * L * *", 'failed to parse int from L: strconv.Atoi: parsing "L": invalid syntax'],
    ["@never", "unrecognized descriptor: @never"],
    ["@every soon", 'failed to parse duration @every soon: time: invalid duration "soon"'],
  ])("refuses the schedule %s", (schedule, why) => {
    expect(wrong({ schedule })).toEqual([
      `spec.schedule: Invalid value: ${JSON.stringify(schedule)}: ${why}`,
    ]);
  });

  test.each([
    [{ schedule: "" }, ["spec.schedule: Required value"]],
    [
      { schedule: "TZ=Europe/Berlin 0 * * * *" },
      [
        'spec.schedule: Invalid value: "TZ=Europe/Berlin 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
      ],
    ],
    [
      { timeZone: "" },
      ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
    ],
    [
      { timeZone: "Mars/Base" },
      ['spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
    ],
    [
      { timeZone: "Local" },
      [
        'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      ],
    ],
    [
      { concurrencyPolicy: "Maybe" },
      [
        'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
      ],
    ],
    [
      { startingDeadlineSeconds: -1 },
      ["spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0"],
    ],
    [
      { jobTemplate: { spec: { template, manualSelector: true } } },
      [
        'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
      ],
    ],
  ])("is refused with %j", (spec, expected) => {
    expect(wrong(spec)).toEqual(expected);
  });

  test("knows the zones of the world", () => {
    for (const timeZone of ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"]) {
      expect(wrong({ timeZone })).toEqual([]);
    }
  });

  test("has a name that leaves room for the minute", () => {
    const name = "x".repeat(53);
    expect(wordingsOf(CronJob, { metadata: { name }, spec: base })).toEqual([
      `metadata.name: Invalid value: "${name}": must be no more than 52 characters`,
    ]);
  });

  test("keeps a zone in its schedule that was let in before, but not beside timeZone", () => {
    const withZone = { ...base, schedule: "TZ=UTC 0 * * * *" };
    const metadata = { name: "example", resourceVersion: "1" };
    const draft = (spec: object) => ({ metadata, spec });
    expect(updateWordingsOf(CronJob, draft(withZone), draft(withZone))).toEqual([]);
    expect(
      updateWordingsOf(CronJob, draft(withZone), draft({ ...withZone, timeZone: "UTC" })),
    ).toEqual([
      'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule',
    ]);
  });

  test("shows its schedule and when it last ran in its columns", () => {
    const now = new Date("2026-01-01T00:10:00Z");
    const cronJob = { ...complete(CronJob, { spec: { ...base, timeZone: "UTC" } }), status: {} };
    const row = (status: object) =>
      CronJob.columns!.slice(1, 6).map(({ value }) => value({ ...cronJob, status }, now));
    expect(row({})).toEqual(["*/5 * * * *", "UTC", "False", 0, "<none>"]);
    expect(row({ active: [{}], lastScheduleTime: "2026-01-01T00:09:00Z" }).slice(3)).toEqual([
      1,
      "60s",
    ]);
  });
});
