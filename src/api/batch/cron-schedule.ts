/**
 * Reads the schedule of a CronJob: five fields, or "@hourly" and its like, or "@every 1h30m".
 *
 * What comes out are the minutes, hours, days, months and weekdays as numbers. Whether a day field
 * was a star matters: where both of day and weekday say something, either will do.
 *
 * In Kubernetes: github.com/robfig/cron/v3 (ParseStandard), whose wording of errors this has.
 */
import { goDurationMs } from "./go-duration.ts";

/** The numbers a field holds. */
export interface CronField {
  values: number[];
  /** It was a star: every value, and nothing said. */
  isStar: boolean;
}

export interface CronFields {
  minute: CronField;
  hour: CronField;
  day: CronField;
  month: CronField;
  weekday: CronField;
}

export type CronSchedule = { fields: CronFields } | { everyMs: number };

interface Bounds {
  low: number;
  high: number;
  names?: string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: [name: keyof CronFields, bounds: Bounds][] = [
  ["minute", { low: 0, high: 59 }],
  ["hour", { low: 0, high: 23 }],
  ["day", { low: 1, high: 31 }],
  ["month", { low: 1, high: 12, names: MONTHS }],
  ["weekday", { low: 0, high: 6, names: WEEKDAYS }],
];

const DESCRIPTORS: Record<string, string> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const EVERY = "@every ";

/** Throws a SyntaxError that says what is wrong. */
export function parseCronSchedule(text: string): CronSchedule {
  if (text === "") throw new SyntaxError("empty spec string");
  const spec = withoutZone(text);
  if (spec.startsWith("@")) return parseDescriptor(spec);
  const words = spec.split(/\s+/).filter((word) => word !== "");
  if (words.length !== FIELDS.length) {
    const found = `found ${words.length}: [${words.join(" ")}]`;
    throw new SyntaxError(`expected exactly ${FIELDS.length} fields, ${found}`);
  }
  const fields = FIELDS.map(([name, bounds], index) => [name, parseField(words[index]!, bounds)]);
  return { fields: Object.fromEntries(fields) as CronFields };
}

/** "TZ=Europe/Berlin 0 * * * *": read over here; validation says what is wrong with it. */
function withoutZone(text: string): string {
  if (!text.startsWith("TZ=") && !text.startsWith("CRON_TZ=")) return text;
  const end = text.indexOf(" ");
  return end < 0 ? "" : text.slice(end).trim();
}

function parseDescriptor(text: string): CronSchedule {
  const spec = DESCRIPTORS[text];
  if (spec !== undefined) return parseCronSchedule(spec);
  if (!text.startsWith(EVERY)) throw new SyntaxError(`unrecognized descriptor: ${text}`);
  const duration = text.slice(EVERY.length);
  const ms = goDurationMs(duration);
  if (ms === undefined) {
    const why = `time: invalid duration ${JSON.stringify(duration)}`;
    throw new SyntaxError(`failed to parse duration ${text}: ${why}`);
  }
  return { everyMs: Math.max(1000, Math.floor(ms / 1000) * 1000) };
}

function parseField(text: string, bounds: Bounds): CronField {
  const field: CronField = { values: [], isStar: false };
  const values = new Set<number>();
  for (const range of text.split(",").filter((part) => part !== "")) {
    const { start, end, step, isStar } = parseRange(range, bounds);
    for (let value = start; value <= end; value += step) values.add(value);
    field.isStar ||= isStar;
  }
  field.values = [...values].toSorted((a, b) => a - b);
  return field;
}

/** "*", "5", "1-5", "*" with a step, "10-50/10"; "5/10" means from 5 to the end. */
function parseRange(text: string, bounds: Bounds) {
  const [range = "", stepText, ...moreSlashes] = text.split("/");
  const [from = "", to, ...moreHyphens] = range.split("-");
  const isEvery = from === "*" || from === "?";
  if (!isEvery && moreHyphens.length > 0) throw new SyntaxError(`too many hyphens: ${text}`);
  const start = isEvery ? bounds.low : parseNumber(from, bounds.names);
  let end = isEvery ? bounds.high : to === undefined ? start : parseNumber(to, bounds.names);
  if (moreSlashes.length > 0) throw new SyntaxError(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (stepText !== undefined && !isEvery && to === undefined) end = bounds.high;
  checkRange({ start, end, step }, bounds, text);
  return { start, end, step, isStar: isEvery && step <= 1 };
}

function checkRange(
  { start, end, step }: { start: number; end: number; step: number },
  { low, high }: Bounds,
  text: string,
): void {
  const range = "of range";
  if (start < low) {
    throw new SyntaxError(`beginning ${range} (${start}) below minimum (${low}): ${text}`);
  }
  if (end > high) throw new SyntaxError(`end ${range} (${end}) above maximum (${high}): ${text}`);
  if (start > end) {
    throw new SyntaxError(`beginning ${range} (${start}) beyond end ${range} (${end}): ${text}`);
  }
  if (step === 0) throw new SyntaxError(`step ${range} should be a positive number: ${text}`);
}

function parseNumber(text: string, names: string[] = []): number {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return names === MONTHS ? named + 1 : named;
  if (!/^[+-]?[0-9]+$/.test(text)) {
    const why = `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw new SyntaxError(`failed to parse int from ${text}: ${why}`);
  }
  const number = Number(text);
  if (number < 0) throw new SyntaxError(`negative number (${number}) not allowed: ${text}`);
  return number;
}
