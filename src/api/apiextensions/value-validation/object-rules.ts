/**
 * Objects: which properties must be there, and how many there may be.
 *
 * In Kubernetes: kube-openapi/pkg/validation/validate/object.go
 */
import { type FieldError, invalidValue, required, tooMany } from "../../field-error.ts";
import { type CustomSchema, isFields } from "../custom-schema.ts";
import { quoted } from "../go-syntax.ts";
import { rootPath } from "./root-path.ts";

export function objectErrors(value: unknown, schema: CustomSchema, path: string): FieldError[] {
  if (!isFields(value)) return [];
  const { minProperties, maxProperties, required: wanted = [] } = schema;
  const count = Object.keys(value).length;
  const errors: FieldError[] = [];
  if (minProperties !== undefined && count < minProperties) {
    const why = `${path} in body should have at least ${minProperties} properties`;
    errors.push(invalidValue(rootPath(path), quoted(value), why));
  }
  if (maxProperties !== undefined && count > maxProperties) {
    errors.push(tooMany(rootPath(path), count, maxProperties));
  }
  for (const name of wanted) {
    if (Object.hasOwn(value, name)) continue;
    errors.push(required(path === "" ? name : `${path}.${name}`));
  }
  return errors;
}
