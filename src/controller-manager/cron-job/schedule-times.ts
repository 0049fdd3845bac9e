/**
 * The times of a schedule: which comes next after a given one, in a time zone.
 *
 * croner counts on a clock that never changes; the zone's changes are laid over it here. An hour that the
 * spring skips has no times in it, and one that the autumn repeats has them twice.
 *
 * In Kubernetes: SpecSchedule.Next and ConstantDelaySchedule.Next of github.com/robfig/cron/v3. croner left to
 * itself moves the skipped times to the next hour, and takes the repeated ones once.
 */
import { Cron } from "croner";
import type { CronField, CronFields, CronSchedule } from "../../api/batch/cron-schedule.ts";
import { firstChangeMs, offsetMs } from "./zone-offset.ts";

/** The first time after the given one; undefined where there is none for years. */
export type NextTime = (after: Date) => Date | undefined;

export function scheduleTimes(schedule: CronSchedule, zone: string): NextTime {
  if ("everyMs" in schedule) {
    const { everyMs } = schedule;
    return (after) => new Date(wholeSeconds(after.getTime()) + everyMs);
  }
  const onSteadyClock = new Cron(patternOf(schedule.fields), {
    timezone: "Etc/UTC",
    mode: "5-part",
    paused: true,
  });
  const nextWallMs = (ms: number) => onSteadyClock.nextRun(new Date(ms))?.getTime();
  return (after) => nextInZone(nextWallMs, wholeSeconds(after.getTime()), zone);
}

/** From one change of the zone's offset to the next, its clock is steady. */
function nextInZone(
  nextWallMs: (ms: number) => number | undefined,
  afterMs: number,
  zone: string,
): Date | undefined {
  let fromMs = afterMs;
  let offset = offsetMs(zone, fromMs);
  for (let startMs = fromMs; ; ) {
    const wallMs = nextWallMs(startMs + offset);
    if (wallMs === undefined) return undefined;
    const changeMs = firstChangeMs(zone, fromMs, wallMs - offset);
    if (changeMs === undefined) return new Date(wallMs - offset);
    fromMs = changeMs;
    startMs = changeMs - 1000; // The moment of the change may itself be one of the times.
    offset = offsetMs(zone, changeMs);
  }
}

function patternOf({ minute, hour, day, month, weekday }: CronFields): string {
  return [minute, hour, day, month, weekday].map(listOf).join(" ");
}

const listOf = ({ isStar, values }: CronField): string => (isStar ? "*" : values.join(","));

const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
