/**
 * What the root of a schema may say where status is a subresource: only what is not lost when the schema of status is
 * taken out of it.
 *
 * In Kubernetes: allowedFieldsAtRootSchema in
 * staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go
 */
import { type FieldError, GoStruct, invalidValue } from "../field-error.ts";
import type { CustomSchema } from "./custom-schema.ts";

const ALLOWED =
  "Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations";

const KEYS = new Set(ALLOWED.split(" ").map(keyOf));

/** The first fault alone is told. */
export function rootErrors(schema: CustomSchema, path: string): FieldError[] {
  const { type } = schema;
  const isSaid = (key: string) => Object.hasOwn(schema, key) && schema[key as "type"] !== "";
  const odd = Object.keys(schema).filter(
    (key) => !KEYS.has(key) && isSaid(key) && !isOff(schema, key),
  );
  const isBeforeType = odd.some((key) => ["id", "$schema", "$ref"].includes(key));
  if (type && type !== "object" && !isBeforeType) {
    const why =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalidValue(`${path}.type`, type, why)];
  }
  if (odd.length === 0) return [];
  const why = `only [${ALLOWED}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalidValue(path, shown(schema), why)];
}

function isOff(schema: CustomSchema, key: string): boolean {
  const value: unknown = schema[key as keyof CustomSchema];
  return value === false || value === undefined || value === null;
}

/** As Go shows it, but for what it would show as an address. */
function shown({ description = "", type = "", nullable = false }: CustomSchema): GoStruct {
  const fields = { Description: description, Type: type, Nullable: nullable };
  return new GoStruct("apiextensions.JSONSchemaProps", fields);
}

/** "XPreserveUnknownFields" -> "x-kubernetes-preserve-unknown-fields", "MaxItems" -> "maxItems" */
function keyOf(name: string): string {
  if (!/^X[A-Z]/.test(name)) return name[0]!.toLowerCase() + name.slice(1);
  return `x-kubernetes${name.slice(1).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
