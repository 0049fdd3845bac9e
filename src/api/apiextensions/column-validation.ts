/**
 * Additional printer columns: a name, a type that can be printed, and where the cell's value is.
 *
 * In Kubernetes: ValidateCustomResourceColumnDefinition in
 * staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go
 */
import type { CustomResourceColumnDefinition } from "kubernetes-types/apiextensions/v1.js";
import { type FieldError, invalidValue, required } from "../field-error.ts";

const TYPES = ["boolean", "date", "integer", "number", "string"];
const FORMATS = [
  "int32",
  "int64",
  "float",
  "double",
  "byte",
  "date",
  "date-time",
  "password",
].toSorted();

export function validateColumns(
  columns: CustomResourceColumnDefinition[] = [],
  path: string,
): FieldError[] {
  return columns.flatMap((column, i) => columnErrors(column, `${path}[${i}]`));
}

function columnErrors(column: CustomResourceColumnDefinition, path: string): FieldError[] {
  const { name, type, format, jsonPath } = column;
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${path}.name`));
  if (!type) errors.push(required(`${path}.type`, `must be one of ${TYPES.join(",")}`));
  else if (!TYPES.includes(type)) {
    errors.push(invalidValue(`${path}.type`, type, `must be one of ${TYPES.join(",")}`));
  }
  if (format && !FORMATS.includes(format)) {
    errors.push(invalidValue(`${path}.format`, format, `must be one of ${FORMATS.join(",")}`));
  }
  if (!jsonPath) errors.push(required(`${path}.JSONPath`));
  else errors.push(...simplePathErrors(jsonPath, `${path}.JSONPath`));
  return errors;
}

export function simplePathErrors(jsonPath: string, path: string): FieldError[] {
  if (jsonPath === "") return [invalidValue(path, jsonPath, "must not be empty")];
  if (jsonPath.startsWith(".")) return [];
  return [invalidValue(path, jsonPath, "must be a simple json path starting with .")];
}
