/**
 * What Go says of a value that is not of its field's type: the JSON decoder in one way, the
 * converter that the result of a patch passes in another.
 *
 * In Kubernetes: encoding/json (UnmarshalTypeError), apimachinery/pkg/runtime/converter.go.
 */
import type { Schema } from "../../api/schema.ts";
import { goType } from "./go-types.ts";

/** The value is not of its type. The message is Go's. */
export class TypeMismatchError extends Error {
  override readonly name = "TypeMismatchError";
}

/** Which Go code the words come from: the JSON decoder, or the converter that a patch's result passes. */
export type Wording = "json" | "unstructured";

/** `struct` is the innermost named type, `fields` the way to the value. */
export function jsonMismatch(
  value: unknown,
  schema: Schema,
  struct: string,
  fields: readonly string[],
): string {
  const type = goType(schema, struct, fields.at(-1) ?? "");
  const where = struct === "" ? "Go value" : `Go struct field ${struct}.${fields.join(".")}`;
  return `json: cannot unmarshal ${jsonTypeOf(value, schema)} into ${where} of type ${type}`;
}

/** Formats with a JSON form of their own: the converter leaves them to it. */
const OWN_FORM = new Set(["int-or-string", "date-time", "micro-time"]);

export function unstructuredMismatch(
  value: unknown,
  schema: Schema,
  struct: string,
  fields: readonly string[],
): string {
  if (OWN_FORM.has(schema.format ?? "")) return jsonMismatch(value, schema, "", fields);
  const kind = goKindOf(value);
  if (schema.type === "object") return `cannot restore struct from: ${kind}`;
  if (schema.type === "array") return `cannot restore slice from ${kind}`;
  if (schema.type === "map") return `cannot restore map from ${kind}`;
  const wanted = goType(schema, "", "");
  // What Go could convert if it wanted to, it names in full.
  const isNear = typeof value === "number" && (wanted !== "string" || kind === "int64");
  if (!isNear || wanted === "bool") return `unrecognized type: ${wanted}`;
  return `cannot convert ${kind} to ${goType(schema, struct, fields.at(-1) ?? "")}`;
}

function goKindOf(value: unknown): string {
  if (Array.isArray(value)) return "slice";
  if (typeof value === "object") return "map";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  return Number.isInteger(value) ? "int64" : "float64";
}

function jsonTypeOf(value: unknown, schema: Schema): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  if (typeof value !== "number") return typeof value;
  const wantsNumber = schema.type === "integer" || schema.format === "int-or-string";
  return wantsNumber ? `number ${value}` : "number";
}

/** Go tells the place of the first byte that does not belong. */
export function checkBase64(text: string): void {
  const plain = text.replace(/[\r\n]/g, "");
  const match = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?/.exec(plain)!;
  if (match[0].length === plain.length) return;
  const foreign = /[^A-Za-z0-9+/]/.exec(plain);
  const at = foreign && foreign[0] !== "=" ? foreign.index : Math.max(match[0].length, 0);
  throw new TypeMismatchError(`illegal base64 data at input byte ${at}`);
}
