/**
 * One thing wrong with one field, worded as Kubernetes words it.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/util/validation/field/errors.go
 */

/** The reason in `details.causes`. */
export type FieldErrorReason =
  | "FieldValueDuplicate"
  | "FieldValueForbidden"
  | "FieldValueInvalid"
  | "FieldValueNotFound"
  | "FieldValueNotSupported"
  | "FieldValueRequired"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueTypeInvalid"
  | "InternalError";

export interface FieldError {
  reason: FieldErrorReason;
  /** "spec.containers[0].name" */
  field: string;
  /** The sentence without the field: `Invalid value: "x": must be ...`. */
  message: string;
}

export const required = (field: string, detail = ""): FieldError =>
  fieldError("FieldValueRequired", field, "Required value", detail);

export const forbidden = (field: string, detail: string): FieldError =>
  fieldError("FieldValueForbidden", field, "Forbidden", detail);

export const invalidValue = (field: string, value: unknown, detail: string): FieldError =>
  fieldError("FieldValueInvalid", field, `Invalid value: ${goValue(value)}`, detail);

export const typeInvalid = (field: string, value: unknown, detail: string): FieldError =>
  fieldError("FieldValueTypeInvalid", field, `Invalid value: ${goValue(value)}`, detail);

export const duplicate = (field: string, value: unknown, detail = ""): FieldError =>
  fieldError("FieldValueDuplicate", field, `Duplicate value: ${goValue(value)}`, detail);

export const notFoundValue = (field: string, value: unknown): FieldError =>
  fieldError("FieldValueNotFound", field, `Not found: ${goValue(value)}`, "");

/** Lists the values that would do, in the order given: Kubernetes sorts some lists, others not. */
export const notSupported = (field: string, value: unknown, supported: string[]): FieldError =>
  fieldError(
    "FieldValueNotSupported",
    field,
    `Unsupported value: ${goValue(value)}`,
    `supported values: ${supported.map((one) => JSON.stringify(one)).join(", ")}`,
  );

export const tooLong = (field: string, maxLength: number): FieldError =>
  fieldError("FieldValueTooLong", field, "Too long", `must have at most ${maxLength} bytes`);

export const tooMany = (field: string, actual: number, most: number): FieldError =>
  fieldError(
    "FieldValueTooMany",
    field,
    `Too many: ${actual}`,
    `must have at most ${most} ${most === 1 ? "item" : "items"}`,
  );

/** "spec.replicas: Invalid value: -1: must be greater than or equal to 0" */
export function wordingOf(error: FieldError): string {
  return `${error.field}: ${error.message}`;
}

function fieldError(
  reason: FieldErrorReason,
  field: string,
  sentence: string,
  detail: string,
): FieldError {
  return { reason, field, message: detail === "" ? sentence : `${sentence}: ${detail}` };
}

/** A struct in a message, as Go prints it: `core.Taint{Key:"a", Value:"", TimeAdded:<nil>}`. */
export class GoStruct {
  readonly text: string;

  constructor(type: string, fields: Record<string, unknown>, body = goFields(fields)) {
    this.text = type + body;
  }

  /** A list of structs, each with its type: `[]core.Port{core.Port{Name:"a"}}`. */
  static listOf(type: string, items: Record<string, unknown>[]): GoStruct {
    const texts = items.map((fields) => new GoStruct(type, fields).text);
    return new GoStruct(`[]${type}`, {}, `{${texts.join(", ")}}`);
  }
}

function goFields(fields: Record<string, unknown>): string {
  const cells = Object.entries(fields).map(([name, value]) => `${name}:${goField(value)}`);
  return `{${cells.join(", ")}}`;
}

function goField(value: unknown): string {
  return value === undefined || value === null ? "<nil>" : goValue(value);
}

/** A value as Go prints it in these messages: strings quoted, maps as `map[string]string{"a":"b"}`. */
function goValue(value: unknown): string {
  if (value instanceof GoStruct) return value.text;
  if (typeof value === "string") return goQuoted(value);
  if (value === undefined || value === null) return '"null"';
  // A list or map that is not there is nil to Go, and so is, nearly always, an empty one.
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]string(nil)";
    return `[]string{${value.map((one) => JSON.stringify(one)).join(", ")}}`;
  }
  if (typeof value === "object") {
    if (Object.keys(value).length === 0) return "map[string]string(nil)";
    const pairs = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const cells = pairs.map(([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one)}`);
    return `map[string]string{${cells.join(", ")}}`;
  }
  return String(value);
}

const ESCAPES: Record<string, string> = { "\u0007": "\\a", "\u000b": "\\v" };

/** With %q: as JSON, but for what cannot be printed. */
export function goQuoted(text: string): string {
  return JSON.stringify(text)
    .replace(/\\u(00[01][0-9a-f])/g, (_, code: string) => {
      const character = String.fromCharCode(Number.parseInt(code, 16));
      return ESCAPES[character] ?? `\\x${code.slice(2)}`;
    })
    .replace(/[\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202f\ufeff]/g, (character) => {
      const code = character.charCodeAt(0);
      const digits = code.toString(16);
      return code < 0x80 ? `\\x${digits}` : `\\u${digits.padStart(4, "0")}`;
    });
}
