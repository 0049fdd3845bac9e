/**
 * Strings: length in characters, pattern, format; and the values an enum allows, of any type.
 *
 * In Kubernetes: kube-openapi/pkg/validation/validate/{values,formats}.go
 */
import { isDeepStrictEqual } from "node:util";
import { type FieldError, invalidValue, notSupported, typeInvalid } from "../../field-error.ts";
import { matchesGo } from "../bounded-match.ts";
import type { CustomSchema } from "../custom-schema.ts";
import { GoRegExpError } from "../go-regexp.ts";
import { quoted } from "../go-syntax.ts";
import { isOfFormat } from "./formats.ts";
import { rootPath } from "./root-path.ts";

export function stringErrors(value: unknown, schema: CustomSchema, path: string): FieldError[] {
  if (typeof value !== "string") return [];
  const { format } = schema;
  const errors = shapeErrors(value, schema, path);
  if (format && !isOfFormat(value, format)) {
    const why = `${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
    errors.push(typeInvalid(rootPath(path), value, why));
  }
  return errors;
}

/** The first of length and pattern that is wrong. */
function shapeErrors(value: string, schema: CustomSchema, path: string): FieldError[] {
  const { minLength, maxLength, pattern } = schema;
  const wrong = (why: string) => [invalidValue(rootPath(path), value, `${path} in body ${why}`)];
  const length = [...value].length;
  if (maxLength !== undefined && length > maxLength) {
    return [tooLongString(rootPath(path), maxLength)];
  }
  if (minLength !== undefined && length < minLength) {
    return wrong(`should be at least ${minLength} chars long`);
  }
  const why = pattern && whyNotMatching(pattern, value);
  return why ? wrong(why) : [];
}

function whyNotMatching(pattern: string, value: string): string | undefined {
  try {
    return matchesGo(pattern, value) ? undefined : `should match '${pattern}'`;
  } catch (error) {
    if (error instanceof GoRegExpError) return `should match '${pattern}', but ${error.message}`;
    throw error;
  }
}

export function enumErrors(value: unknown, schema: CustomSchema, path: string): FieldError[] {
  const { enum: allowed } = schema;
  if (!allowed || allowed.length === 0) return [];
  if (allowed.some((one) => isDeepStrictEqual(one, value))) return [];
  const texts = allowed.map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
  return [notSupported(rootPath(path), quoted(value), texts)];
}

function tooLongString(field: string, most: number): FieldError {
  const message = `Too long: may not be longer than ${most}`;
  return { reason: "FieldValueTooLong", field, message };
}
