/**
 * Numbers: bounds, with or without the bound itself, multiples, and the width of int32 and int64.
 *
 * In Kubernetes: kube-openapi/pkg/validation/validate/values.go
 */
import { type FieldError, invalidValue } from "../../field-error.ts";
import type { CustomSchema } from "../custom-schema.ts";
import { rootPath } from "./root-path.ts";

export function numberErrors(value: unknown, schema: CustomSchema, path: string): FieldError[] {
  if (typeof value !== "number") return [];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const errors = widthErrors(value, schema, path);
  const refuse = (why: string) =>
    errors.push(invalidValue(rootPath(path), value, `${path} in body ${why}`));
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    refuse(`should be a multiple of ${multipleOf}`);
  }
  if (minimum !== undefined) {
    if (exclusiveMinimum && value <= minimum) refuse(`should be greater than ${minimum}`);
    if (!exclusiveMinimum && value < minimum) {
      refuse(`should be greater than or equal to ${minimum}`);
    }
  }
  if (maximum !== undefined) {
    if (exclusiveMaximum && value >= maximum) refuse(`should be less than ${maximum}`);
    if (!exclusiveMaximum && value > maximum) {
      refuse(`should be less than or equal to ${maximum}`);
    }
  }
  return errors;
}

/** Said of no place in particular: only the sentence names it. */
function widthErrors(value: number, { type, format }: CustomSchema, path: string): FieldError[] {
  const isNarrow = type === "integer" && format === "int32";
  if (!isNarrow || (value >= -(2 ** 31) && value < 2 ** 31)) return [];
  const why = `Checked value must be of type integer with format int32 in ${path}`;
  return [invalidValue("<nil>", "", why)];
}

function isMultiple(value: number, of: number): boolean {
  if (Number.isInteger(value) && Number.isInteger(of)) return value % of === 0;
  const times = value / of;
  return times === Math.trunc(times);
}
