/**
 * Lists: what is in them, and how much.
 *
 * In Kubernetes: kube-openapi/pkg/validation/validate/slice_validator.go
 */
import { type FieldError, invalidValue, tooMany } from "../../field-error.ts";
import type { CustomSchema } from "../custom-schema.ts";
import { rootPath } from "./root-path.ts";

/** `below`: what is wrong with the elements. */
export function listErrors(
  value: unknown,
  { minItems, maxItems }: CustomSchema,
  path: string,
  below: () => FieldError[],
): FieldError[] {
  if (!Array.isArray(value)) return [];
  const errors = below();
  if (minItems !== undefined && value.length < minItems) {
    const why = `${path} in body should have at least ${minItems} items`;
    errors.push(invalidValue(rootPath(path), value.length, why));
  }
  if (maxItems !== undefined && value.length > maxItems) {
    errors.push(tooMany(rootPath(path), value.length, maxItems));
  }
  return errors;
}
