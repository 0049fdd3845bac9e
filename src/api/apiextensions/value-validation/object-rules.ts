/**
 * Objects: which properties must be there, and how many there may be.
 *
 * In Kubernetes: kube-openapi/pkg/validation/validate/object_validator.go
 */
import { type FieldError, invalidValue, required, tooMany } from "../../field-error.ts";
import { type CustomSchema, isFields } from "../custom-schema.ts";
import { rootPath } from "./root-path.ts";

/** `below`: what is wrong with the properties that are there; not looked at in an object of a wrong size. */
export function objectErrors(
  value: unknown,
  schema: CustomSchema,
  path: string,
  below: () => FieldError[],
): FieldError[] {
  if (!isFields(value)) return [];
  const { minProperties, maxProperties, required: wanted = [] } = schema;
  const count = Object.keys(value).length;
  if (minProperties !== undefined && count < minProperties) {
    const why = `${path} in body should have at least ${minProperties} properties`;
    return [invalidValue(rootPath(path), count, why)];
  }
  if (maxProperties !== undefined && count > maxProperties) {
    return [tooMany(rootPath(path), count, maxProperties)];
  }
  const missing = wanted.filter((name) => !Object.hasOwn(value, name));
  return [...below(), ...missing.map((name) => required(path === "" ? name : `${path}.${name}`))];
}
