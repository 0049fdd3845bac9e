/**
 * Strings: length in characters, pattern, format; and the values an enum allows, of any type.
 *
 * In Kubernetes: kube-openapi/pkg/validation/validate/{values,formats}.go
 */
import { isDeepStrictEqual } from "node:util";
import { type FieldError, invalidValue, notSupported, typeInvalid } from "../../field-error.ts";
import type { CustomSchema } from "../custom-schema.ts";
import { goRegExp } from "../go-regexp.ts";
import { quoted } from "../go-syntax.ts";
import { isOfFormat } from "./formats.ts";
import { rootPath } from "./root-path.ts";

export function stringErrors(value: unknown, schema: CustomSchema, path: string): FieldError[] {
  if (typeof value !== "string") return [];
  const { minLength, maxLength, pattern, format } = schema;
  const errors: FieldError[] = [];
  const refuse = (why: string) => errors.push(invalidValue(path, value, `${path} in body ${why}`));
  const length = [...value].length;
  if (maxLength !== undefined && length > maxLength) errors.push(tooLongString(path, maxLength));
  if (minLength !== undefined && length < minLength) {
    refuse(`should be at least ${minLength} chars long`);
  }
  if (pattern && !goRegExp(pattern).test(value)) refuse(`should match '${pattern}'`);
  if (format && !isOfFormat(value, format)) {
    const why = `${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
    errors.push(typeInvalid(path, value, why));
  }
  return errors;
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
