/**
 * "%s has %d".format([a, b]): %s %d %f %e %b %o %x %X and %%, with a precision for %f and %e.
 *
 * In Kubernetes: github.com/google/cel-go/ext/formatting.go
 */
import { type Environment, EvaluationError } from "@marcbachmann/cel-js";

export function registerFormat(environment: Environment): void {
  environment.registerFunction("string.format(list<dyn>): string", format);
}

function format(text: string, values: unknown[]): string {
  let next = 0;
  return text.replace(/%(?:\.(\d+))?(.)/g, (_, precision: string | undefined, verb: string) => {
    if (verb === "%") return "%";
    if (next >= values.length) throw new EvaluationError(`index ${next} out of range`);
    return formatted(values[next++], verb, precision);
  });
}

function formatted(value: unknown, verb: string, precision: string | undefined): string {
  const digits = precision === undefined ? 6 : Number(precision);
  switch (verb) {
    case "s":
      return textOf(value);
    case "d":
      return String(value);
    case "f":
      return Number(value).toFixed(digits);
    case "e":
      return Number(value)
        .toExponential(digits)
        .replace(/e([+-])(\d)$/, "e$10$2");
    case "b":
      return typeof value === "boolean" ? String(Number(value)) : (value as bigint).toString(2);
    case "o":
      return (value as bigint).toString(8);
    case "x":
    case "X": {
      const hex = typeof value === "string" ? hexOf(value) : (value as bigint).toString(16);
      return verb === "x" ? hex : hex.toUpperCase();
    }
  }
  throw new EvaluationError(
    `could not parse formatting clause: unrecognized formatting clause "${verb}"`,
  );
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  if (value instanceof Date) return value.toISOString().replace(".000Z", "Z");
  if (typeof value !== "object" || value === null) return String(value);
  const pairs = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, one]) => `${key}: ${textOf(one)}`).join(", ")}}`;
}

function hexOf(text: string): string {
  return Buffer.from(text).toString("hex");
}
