/**
 * Times as the API takes and writes them: RFC 3339 in, whole seconds (or microseconds) of UTC out,
 * and Go's own texts for what is no time.
 *
 * In Kubernetes: apimachinery/pkg/apis/meta/v1/time.go, micro_time.go; time.Parse of Go.
 */

export class TimeError extends Error {
  override readonly name = "TimeError";
}

const SECONDS = "2006-01-02T15:04:05Z07:00";
const MICROSECONDS = "2006-01-02T15:04:05.000000Z07:00";

/** The steps of Go's parser: a literal or a number, and how Go's layout names it. */
const STEPS: [pattern: RegExp, layout: string, range?: [name: string, from: number, to: number]][] =
  [
    [/^\d{4}/, "2006"],
    [/^-/, "-"],
    [/^\d{2}/, "01", ["month", 1, 12]],
    [/^-/, "-"],
    [/^\d{2}/, "02", ["day", 1, 31]],
    [/^T/, "T"],
    [/^\d{2}/, "15", ["hour", 0, 23]],
    [/^:/, ":"],
    [/^\d{2}/, "04", ["minute", 0, 59]],
    [/^:/, ":"],
    [/^\d{2}/, "05", ["second", 0, 59]],
  ];

/** A metav1.Time in its canonical form: whole seconds, UTC. */
export function canonicalTime(text: string): string {
  const { date } = parse(text, SECONDS);
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** A metav1.MicroTime in its canonical form. */
export function canonicalMicroTime(text: string): string {
  const { date, fraction } = parse(text, MICROSECONDS);
  return `${date.toISOString().slice(0, 19)}.${fraction.padEnd(6, "0").slice(0, 6)}Z`;
}

function parse(text: string, layout: string): { date: Date; fraction: string } {
  const wrong = (why: string) => new TimeError(`parsing time ${JSON.stringify(text)}${why}`);
  const expected = (rest: string, what: string) =>
    wrong(
      ` as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(what)}`,
    );

  let rest = text;
  for (const [pattern, name, range] of STEPS) {
    const found = pattern.exec(rest)?.[0];
    if (found === undefined) throw expected(rest, name);
    if (range && !isWithin(Number(found), range)) throw wrong(`: ${range[0]} out of range`);
    rest = rest.slice(found.length);
  }
  const fraction = /^[.,](\d+)/.exec(rest);
  if (fraction) rest = rest.slice(fraction[0].length);
  if (layout === MICROSECONDS && fraction?.[1]?.length !== 6) throw expected(rest, ".000000");
  const zone = /^(Z|[+-]\d{2}:\d{2})/.exec(rest)?.[0];
  if (zone === undefined) throw expected(rest, "Z07:00");
  if (zone !== rest) throw wrong(`: extra text: ${JSON.stringify(rest.slice(zone.length))}`);

  const date = new Date(text.slice(0, 19) + zone);
  const day = Number(text.slice(8, 10));
  if (Number.isNaN(date.getTime()) || day > daysIn(text)) throw wrong(": day out of range");
  return { date, fraction: fraction?.[1] ?? "" };
}

function isWithin(value: number, [, from, to]: [string, number, number]): boolean {
  return value >= from && value <= to;
}

function daysIn(text: string): number {
  return new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
}
