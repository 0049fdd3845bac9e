/**
 * A length of time as Go writes it: "1h30m", "1.5h", "300ms".
 *
 * In Kubernetes: time.ParseDuration of Go
 */

const UNIT_MS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const WHOLE = /^[+-]?([0-9]*\.?[0-9]*(ns|us|µs|ms|s|m|h))+$/;
const PART = /([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|ms|s|m|h)/g;

/** Undefined where it is none. */
export function goDurationMs(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!WHOLE.test(text)) return undefined;
  const parts = [...text.matchAll(PART)];
  if (parts.map(([part]) => part).join("") !== text.replace(/^[+-]/, "")) return undefined;
  const ms = parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNIT_MS[unit!]!, 0);
  return text.startsWith("-") ? -ms : ms;
}
