/**
 * Which time of its schedule a CronJob has yet to act on, and how long until the next one. Of many it has
 * missed only the last is made up for; more than a hundred are told of.
 *
 * In Kubernetes: pkg/controller/cronjob/utils.go (mostRecentScheduleTime, nextScheduleTimeDuration)
 */
import type { CronJob } from "../../api/batch/cron-job.ts";
import type { NextTime } from "./schedule-times.ts";

export interface MissedTimes {
  /** From when on it was looked for. */
  earliest: Date;
  /** The last time that is due; undefined where none is. */
  last?: Date;
  /** About how many are due. */
  count: number;
}

const MANY = 100;
/** A moment after the time itself, so that it is surely past. */
const AFTER_MS = 100;

/** The schedule has no times that lie apart. */
export class ScheduleError extends Error {
  override readonly name = "ScheduleError";
}

export const isTooMany = ({ count }: MissedTimes): boolean => count > MANY;

/** Throws a ScheduleError. `deadline`: what is older than startingDeadlineSeconds does not count. */
export function missedTimes(
  { metadata, spec, status }: CronJob,
  next: NextTime,
  now: Date,
  { deadline = true } = {},
): MissedTimes {
  let earliest = new Date(status?.lastScheduleTime ?? metadata.creationTimestamp ?? now);
  const { startingDeadlineSeconds } = spec;
  if (deadline && startingDeadlineSeconds !== undefined) {
    const deadlineMs = now.getTime() - startingDeadlineSeconds * 1000;
    if (deadlineMs > earliest.getTime()) earliest = new Date(deadlineMs);
  }
  const first = next(earliest);
  const second = first && next(first);
  if (first === undefined || second === undefined) {
    throw new ScheduleError("time difference between two schedules is less than 1 second");
  }
  if (now < first) return { earliest, count: 0 };
  if (now < second) return { earliest, last: first, count: 0 };
  return { earliest, ...manyMissed(first, second, next, now) };
}

/** The first two tell how far apart they lie, so that not each of many is counted. */
function manyMissed(first: Date, second: Date, next: NextTime, now: Date) {
  const apartMs = Math.round((second.getTime() - first.getTime()) / 1000) * 1000;
  const count = Math.floor((now.getTime() - first.getTime()) / apartMs) + 1;
  let last: Date | undefined;
  const from = new Date(first.getTime() + (count - 2) * apartMs);
  for (let time = next(from); time !== undefined && time <= now; time = next(time)) last = time;
  return last === undefined ? { count } : { count, last };
}

export function untilNextMs(cronJob: CronJob, next: NextTime, now: Date): number | undefined {
  const { earliest, last, count } = missedTimes(cronJob, next, now, { deadline: false });
  const from = last ?? (count === 0 ? earliest : now);
  const time = next(from);
  return time && time.getTime() + AFTER_MS - now.getTime();
}
