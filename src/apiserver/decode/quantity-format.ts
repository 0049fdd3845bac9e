/**
 * Quantities in their canonical form, as the API writes them back: "0.5" becomes "500m", "1024Mi"
 * becomes "1Gi", and 2 becomes "2". Precision ends at a billionth, rounded up.
 *
 * In Kubernetes: apimachinery/pkg/api/resource/quantity.go (ParseQuantity, CanonicalizeBytes).
 */

export class QuantityError extends Error {
  override readonly name = "QuantityError";
}

const WRONG_FORMAT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_SUFFIX = "unable to parse quantity's suffix";
const WRONG_NUMBER = "unable to parse numeric part of quantity";

const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
/** From 10^-9, in steps of 10^3. */
const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const NANO_EXPONENT = -9;
const NANO = 10n ** 9n;
const NANO_MAX = (2n ** 63n - 1n) * NANO;
/** Beyond these exponents a value is capped, or rounded up to 1n, whatever its digits. */
const EXPONENT_MAX = 40;
const DIGITS_MAX = 64;

type Style = "binary" | "decimal" | "exponent";

/** Throws a QuantityError that says in Kubernetes' words what is wrong. */
export function canonicalQuantity(text: string): string {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/.exec(text);
  if (!match) throw new QuantityError(WRONG_FORMAT);
  const [, sign, whole = "", fraction = "", suffix = ""] = match;
  if (text === "") throw new QuantityError(WRONG_FORMAT);
  const unit = unitOf(suffix);
  if (whole + fraction === "") throw new QuantityError(WRONG_NUMBER);
  const nanos = nanosOf(whole, fraction, unit);
  if (nanos === 0n) return "0";
  return (sign === "-" ? "-" : "") + write(nanos, unit.style);
}

interface Unit {
  style: Style;
  base: 2 | 10;
  exponent: number;
}

function unitOf(suffix: string): Unit {
  const binary = BINARY.indexOf(suffix);
  if (binary > 0) return { style: "binary", base: 2, exponent: binary * 10 };
  const decimal = DECIMAL.indexOf(suffix);
  if (decimal >= 0) return { style: "decimal", base: 10, exponent: NANO_EXPONENT + decimal * 3 };
  if (/^[eE][-+]?\d+$/.test(suffix)) {
    return { style: "exponent", base: 10, exponent: Number(suffix.slice(1)) };
  }
  throw new QuantityError(WRONG_SUFFIX);
}

/** The magnitude in billionths, rounded up and capped at 2^63-1. */
function nanosOf(whole: string, fraction: string, { base, exponent }: Unit): bigint {
  const digits = (whole + fraction).slice(0, DIGITS_MAX);
  const dropped = whole.length + fraction.length - digits.length;
  const mantissa = BigInt(digits);
  if (mantissa === 0n) return 0n;
  const shift = dropped - fraction.length - NANO_EXPONENT + (base === 10 ? exponent : 0);
  if (shift > EXPONENT_MAX) return NANO_MAX;
  if (shift < -DIGITS_MAX - EXPONENT_MAX) return 1n;
  let value = mantissa * (base === 2 ? 2n ** BigInt(exponent) : 1n);
  if (shift >= 0) value *= 10n ** BigInt(shift);
  else value = divideUp(value, 10n ** BigInt(-shift));
  return value > NANO_MAX ? NANO_MAX : value;
}

function write(nanos: bigint, style: Style): string {
  if (style === "binary" && nanos >= 1024n * NANO) return writeBinary(divideUp(nanos, NANO));
  let mantissa = nanos;
  let exponent = NANO_EXPONENT;
  while (mantissa % 1000n === 0n && exponent < 18) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (style === "exponent") return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
  return `${mantissa}${DECIMAL[(exponent - NANO_EXPONENT) / 3]}`;
}

function writeBinary(value: bigint): string {
  let mantissa = value;
  let step = 0;
  while (mantissa % 1024n === 0n && step < BINARY.length - 1) {
    mantissa /= 1024n;
    step++;
  }
  return `${mantissa}${BINARY[step]}`;
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}
