/**
 * How far a zone's clock is from UTC at a moment, and when that changes next.
 *
 * In Kubernetes: time.Location of Go
 */

const formats = new Map<string, Intl.DateTimeFormat>();
/** No zone changes twice within so long. */
const STEP_MS = 7 * 24 * 3_600_000;

export function offsetMs(zone: string, atMs: number): number {
  const parts = formatOf(zone).formatToParts(atMs);
  const part = (name: string) => Number(parts.find(({ type }) => type === name)?.value);
  const [year, month, day] = [part("year"), part("month"), part("day")];
  const wallMs = Date.UTC(year, month - 1, day, part("hour"), part("minute"), part("second"));
  return wallMs - Math.floor(atMs / 1000) * 1000;
}

/** The first moment after `fromMs`, and not after `toMs`, whose offset is another; to the second. */
export function firstChangeMs(zone: string, fromMs: number, toMs: number): number | undefined {
  const offset = offsetMs(zone, fromMs);
  for (let startMs = fromMs; startMs < toMs; startMs += STEP_MS) {
    const endMs = Math.min(startMs + STEP_MS, toMs);
    if (offsetMs(zone, endMs) !== offset) return changeBetween(zone, startMs, endMs);
  }
  return undefined;
}

function changeBetween(zone: string, startMs: number, endMs: number): number {
  const offset = offsetMs(zone, startMs);
  let [before, after] = [startMs, endMs];
  while (after - before > 1000) {
    const middle = before + Math.floor((after - before) / 2000) * 1000;
    if (offsetMs(zone, middle) === offset) before = middle;
    else after = middle;
  }
  return after;
}

/** As RFC 3339 writes it in the zone: "2026-11-22T22:00:00+01:00", or with a Z. */
export function timeInZone(zone: string, at: Date): string {
  const offset = offsetMs(zone, at.getTime());
  const wall = new Date(at.getTime() + offset).toISOString().slice(0, 19);
  if (offset === 0) return `${wall}Z`;
  const minutes = Math.abs(offset) / 60_000;
  const two = (count: number) => String(Math.floor(count)).padStart(2, "0");
  return `${wall}${offset < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** The zone of this process. */
export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const numeric = "numeric" as const;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "iso8601",
    hourCycle: "h23",
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  });
  formats.set(timeZone, format);
  return format;
}
