/**
 * Values as CEL has them: whole numbers are integers of 64 bits, times are times, and fields have the names
 * that an expression can write.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/cel/common/values.go
 */
import {
  type CustomSchema,
  isFields,
  isIntOrString,
  itemsOf,
  META_FIELDS,
  propertyOf,
  valuesOf,
} from "../custom-schema.ts";
import { runEnvironment } from "./environment.ts";
import { identifierOf } from "./identifiers.ts";

/** What stands in a node without a schema of its own. */
const FREE: CustomSchema = {};

export function celValue(value: unknown, schema: CustomSchema): unknown {
  if (Array.isArray(value)) {
    const items = itemsOf(schema) ?? FREE;
    return value.map((one) => celValue(one, items));
  }
  if (isFields(value)) return fieldsOf(value, schema);
  if (typeof value === "number") return numberOf(value, schema);
  return typeof value === "string" ? stringOf(value, schema) : value;
}

function fieldsOf(value: Record<string, unknown>, schema: CustomSchema) {
  const isMap = schema.additionalProperties !== undefined;
  const entries = Object.entries(value).flatMap(([name, one]): [string, unknown][] => {
    const below = propertyOf(schema, name) ?? valuesOf(schema) ?? FREE;
    const isMeta = META_FIELDS.includes(name);
    const field = isMap || isMeta ? name : identifierOf(name);
    return field === undefined ? [] : [[field, celValue(one, below)]];
  });
  return Object.fromEntries(entries);
}

function numberOf(value: number, schema: CustomSchema): unknown {
  if (schema.type === "number") return value;
  const isWhole = schema.type === "integer" || isIntOrString(schema) || Number.isInteger(value);
  return isWhole && Number.isInteger(value) ? BigInt(value) : value;
}

function stringOf(value: string, { format = "" }: CustomSchema): unknown {
  switch (format) {
    case "byte":
      return new Uint8Array(Buffer.from(value, "base64"));
    case "date":
    case "date-time":
      return new Date(value);
    case "duration":
      return runEnvironment().evaluate("duration(self)", { self: value });
  }
  return value;
}
