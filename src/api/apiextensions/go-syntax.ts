/**
 * Values as Go prints them, with %#v: what Kubernetes quotes of an object or a list that is wrong.
 * `map[string]interface {}{"a":1, "b":[]interface {}{"c"}}`.
 */
import { GoStruct } from "../field-error.ts";

/** For an error: scalars are quoted as they are, anything else in Go's syntax. */
export function quoted(value: unknown): unknown {
  if (value === null) return new GoStruct("interface {}(nil)", {}, "");
  return typeof value === "object" ? new GoStruct("", {}, goSyntax(value)) : value;
}

function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return "interface {}(nil)";
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  const pairs = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const cells = pairs.map(([key, one]) => `${JSON.stringify(key)}:${goSyntax(one)}`);
  return `map[string]interface {}{${cells.join(", ")}}`;
}

/** With %v: `map[a:1 b:[c d]]`. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  const pairs = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${pairs.map(([key, one]) => `${key}:${goText(one)}`).join(" ")}]`;
}

/** With %T: what JSON becomes in Go. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return { boolean: "bool", string: "string" }[typeof value as string] ?? "map[string]interface {}";
}
