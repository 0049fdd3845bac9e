/**
 * Durations as Go writes and reads them: "1m0s", "250ms", "1h30m", "0s".
 *
 * In Kubernetes: Go's time.ParseDuration and time.Duration.String
 */
const UNIT_MS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds. Throws a RangeError in Go's words where `text` is no duration. */
export function parseDuration(text: string): number {
  const [, sign = "", rest = ""] = /^([+-]?)(.*)$/s.exec(text)!;
  if (rest === "0") return 0;
  if (rest === "") throw new RangeError(`time: invalid duration ${JSON.stringify(text)}`);
  let ms = 0;
  for (let left = rest; left !== ""; ) {
    const [piece, number = "", unit = ""] = /^([0-9]*\.?[0-9]*)([^0-9.]*)/.exec(left)!;
    if (!/[0-9]/.test(number))
      throw new RangeError(`time: invalid duration ${JSON.stringify(text)}`);
    if (unit === "") {
      throw new RangeError(`time: missing unit in duration ${JSON.stringify(text)}`);
    }
    const unitMs = UNIT_MS[unit];
    if (unitMs === undefined) {
      const [asked, of] = [JSON.stringify(unit), JSON.stringify(text)];
      throw new RangeError(`time: unknown unit ${asked} in duration ${of}`);
    }
    ms += Number(number) * unitMs;
    left = left.slice(piece.length);
  }
  return sign === "-" ? -ms : ms;
}

/** The shortest form Go prints: 60000 -> "1m0s", 250 -> "250ms", 0 -> "0s". */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 1e-3) return `${trimmed(ms * 1e6)}ns`;
  if (ms < 1) return `${trimmed(ms * 1e3)}µs`;
  if (ms < 1_000) return `${trimmed(ms)}ms`;
  const hours = Math.floor(ms / UNIT_MS.h!);
  const minutes = Math.floor((ms % UNIT_MS.h!) / UNIT_MS.m!);
  const seconds = `${trimmed((ms % UNIT_MS.m!) / 1_000)}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

/** No more digits than a nanosecond has, and no zeroes at the end. */
function trimmed(value: number): string {
  return String(Number(value.toFixed(9)));
}
