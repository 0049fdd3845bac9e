/**
 * Quantities: "250m" of a processor, "64Mi" of memory. Exact: an amount is a whole number of
 * billionths, so sums never drift. A quantity remembers its notation and prints itself in
 * canonical form: no fraction, the greatest suffix that loses nothing ("1024Ki" is "1Mi").
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go; differs: one
 * representation (BigInt) instead of a fast and an exact one.
 */
export type Notation = "decimal" | "binary" | "exponent";

export interface Quantity {
  /** In billionths (10^-9). */
  readonly nano: bigint;
  readonly notation: Notation;
}

const NANO = 1_000_000_000n;
const MOST = (2n ** 63n - 1n) * NANO;

const SHAPE = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

const WRONG_FORM =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_SUFFIX = "unable to parse quantity's suffix";

export const zero: Quantity = { nano: 0n, notation: "decimal" };

/** The same few texts are read over and over: "100m", "64Mi". Longer ones are not remembered. */
const REMEMBERED_LENGTH_MAX = 16;
const REMEMBERED_MAX = 1_000;
const remembered = new Map<string, Quantity>();

/** Throws a RangeError with Kubernetes' message where `text` is not a quantity. */
export function parseQuantity(text: string): Quantity {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const quantity = interpret(text);
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  if (text.length <= REMEMBERED_LENGTH_MAX) remembered.set(text, quantity);
  return quantity;
}

function interpret(text: string): Quantity {
  const parts = SHAPE.exec(text);
  if (parts === null || text === "") throw new RangeError(WRONG_FORM);
  const [, sign, whole = "", fraction = "", suffix = ""] = parts;
  const { notation, base, exponent } = interpretSuffix(suffix);

  const digits = BigInt(whole + fraction || "0");
  const scale = 9 - fraction.length + (base === 10 ? exponent : 0);
  let nano = base === 2 ? scaled(digits << BigInt(exponent), scale) : scaled(digits, scale);
  if (notation === "binary" && nano > MOST) nano = MOST;
  return { nano: sign === "-" ? -nano : nano, notation };
}

/** The same, for code that reads what validation has let through; nothing counts as zero. */
export function quantityOf(text: string | number | undefined): Quantity {
  return text === undefined ? zero : parseQuantity(String(text));
}

/** What is wrong with `text` as a quantity, or undefined. */
export function quantityError(text: string): string | undefined {
  try {
    parseQuantity(text);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

export function formatQuantity({ nano, notation }: Quantity): string {
  if (nano === 0n) return "0";
  const isWhole = nano % NANO === 0n;
  const isSmall = nano > -1024n * NANO && nano < 1024n * NANO;
  if (notation === "binary" && isWhole && !isSmall) return withSuffix(nano / NANO, 1024n, BINARY);
  if (notation === "exponent") return withExponent(nano);
  return withSuffix(nano, 1000n, DECIMAL);
}

/** "1024Ki" -> "1Mi". */
export function canonical(text: string | number): string {
  return formatQuantity(parseQuantity(String(text)));
}

export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  if (a.nano === b.nano) return 0;
  return a.nano < b.nano ? -1 : 1;
}

/** The sum in the notation of `a`; that of `b` where `a` is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, notation: a.nano === 0n ? b.notation : a.notation };
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, notation: a.nano === 0n ? b.notation : a.notation };
}

export function maxQuantity(a: Quantity, b: Quantity): Quantity {
  return compareQuantities(a, b) < 0 ? b : a;
}

/** Whole units, rounded away from zero: bytes, pods. */
export function wholeValue(quantity: Quantity): number {
  return Number(divideAwayFromZero(quantity.nano, NANO));
}

/** Thousandths, rounded away from zero: milli-processors. */
export function milliValue(quantity: Quantity): number {
  return Number(divideAwayFromZero(quantity.nano, NANO / 1000n));
}

/** Whole thousandths: no resource of a container is divided finer. */
export function roundUpToMilli({ nano, notation }: Quantity): Quantity {
  return { nano: divideAwayFromZero(nano, NANO / 1000n) * (NANO / 1000n), notation };
}

function interpretSuffix(suffix: string): { notation: Notation; base: 2 | 10; exponent: number } {
  const decimal = DECIMAL.indexOf(suffix);
  if (decimal >= 0) return { notation: "decimal", base: 10, exponent: (decimal - 3) * 3 };
  const binary = BINARY.indexOf(suffix);
  if (binary >= 0) return { notation: "binary", base: 2, exponent: binary * 10 };
  const exponent = /^[eE]([-+]?[0-9]+)$/.exec(suffix)?.[1];
  // Kubernetes reads it as a 64-bit number; past three digits every value is out of all range.
  if (exponent === undefined || exponent.length > 4) throw new RangeError(WRONG_SUFFIX);
  return { notation: "exponent", base: 10, exponent: Number(exponent) };
}

/** `digits` times ten to the power of `scale`, rounded up: who asks for a little gets a little. */
function scaled(digits: bigint, scale: number): bigint {
  if (scale >= 0) return digits * 10n ** BigInt(scale);
  return divideAwayFromZero(digits, 10n ** BigInt(-scale));
}

function divideAwayFromZero(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  if (quotient * by === value) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

function withSuffix(value: bigint, step: bigint, suffixes: string[]): string {
  let index = 0;
  let rest = value;
  while (index + 1 < suffixes.length && rest % step === 0n) {
    rest /= step;
    index++;
  }
  return `${rest}${suffixes[index]}`;
}

function withExponent(nano: bigint): string {
  let exponent = -9;
  let rest = nano;
  while (rest % 1000n === 0n) {
    rest /= 1000n;
    exponent += 3;
  }
  return exponent === 0 ? String(rest) : `${rest}e${exponent}`;
}
