/**
 * The type of a value. Where it is wrong, the error names the type that was found.
 *
 * In Kubernetes: kube-openapi/pkg/validation/validate/type.go
 */
import { type FieldError, typeInvalid } from "../../field-error.ts";
import { type CustomSchema, isIntOrString } from "../custom-schema.ts";
import { rootPath } from "./root-path.ts";

export function typeErrors(value: unknown, schema: CustomSchema, path: string): FieldError[] {
  const wanted = isIntOrString(schema) ? ["integer", "string"] : schema.type ? [schema.type] : [];
  if (value === null && schema.nullable) return [];
  // What says nothing of its type takes anything, but null only where it says so.
  if (wanted.length === 0) return [];
  const found = typeOf(value);
  const { format = "" } = schema;
  const isNumeric = wanted.includes("integer") || wanted.includes("number");
  const isText = found === "string" || found === "array";
  // A format is looked at elsewhere, and of these not even the type is here.
  if (format !== "" && isText && !isNumeric) return [];
  if (wanted.includes(found) || (found === "integer" && wanted.includes("number"))) return [];
  if (format !== "" && !isText && found !== "null") {
    const has = found === "number" ? "float64" : found === "integer" ? "int64" : "";
    const detail = `${path} in body must be of type ${format}: ${JSON.stringify(has)}`;
    return has === format ? [] : [typeInvalid(rootPath(path), has, detail)];
  }
  const types = wanted.join(",");
  const detail = `${path} in body must be of type ${types}: ${JSON.stringify(found)}`;
  return [typeInvalid(rootPath(path), found, detail)];
}

export function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}
