/**
 * Numbers: bounds, with or without the bound itself, multiples, and the width of int32 and int64.
 *
 * In Kubernetes: kube-openapi/pkg/validation/validate/values.go
 */
import { type FieldError, invalidValue } from "../../field-error.ts";
import type { CustomSchema } from "../custom-schema.ts";

export function numberErrors(value: unknown, schema: CustomSchema, path: string): FieldError[] {
  if (typeof value !== "number") return [];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, format } = schema;
  const errors: FieldError[] = [];
  const refuse = (why: string) => errors.push(invalidValue(path, value, `${path} in body ${why}`));
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    refuse(`should be a multiple of ${multipleOf}`);
  }
  if (maximum !== undefined) {
    if (exclusiveMaximum && value >= maximum) refuse(`should be less than ${maximum}`);
    if (!exclusiveMaximum && value > maximum) {
      refuse(`should be less than or equal to ${maximum}`);
    }
  }
  if (minimum !== undefined) {
    if (exclusiveMinimum && value <= minimum) refuse(`should be greater than ${minimum}`);
    if (!exclusiveMinimum && value < minimum) {
      refuse(`should be greater than or equal to ${minimum}`);
    }
  }
  if (format === "int32" && (value < -(2 ** 31) || value >= 2 ** 31)) {
    refuse(`must be of type int32: ${JSON.stringify(value)}`);
  }
  return errors;
}

function isMultiple(value: number, of: number): boolean {
  if (Number.isInteger(value) && Number.isInteger(of)) return value % of === 0;
  const times = value / of;
  return times === Math.trunc(times);
}
