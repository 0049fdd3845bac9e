/**
 * An object as CEL has it, by the schema of its kind: whole numbers are integers, times are times, the keys of
 * maps stay as they are, and fields have the names that an expression can write.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/cel/common/values.go
 */
import { identifierOf } from "../../apiextensions/cel/identifiers.ts";
import { celValue } from "../../apiextensions/cel/values.ts";
import type { CustomSchema } from "../../apiextensions/custom-schema.ts";
import type { Kind } from "../../kind.ts";
import { fieldOf, type Schema, schemaOf } from "../../schema.ts";

/** Of what is free, all keys are kept as they are. */
const FREE: Schema = { type: "any" };
const MAP_OF_STRINGS: CustomSchema = { type: "object", additionalProperties: { type: "string" } };
/** So that labels keep their names. */
const META: CustomSchema = {
  type: "object",
  properties: { labels: MAP_OF_STRINGS, annotations: MAP_OF_STRINGS },
};

/** Of a kind without a schema, as it is. */
export function celObject(object: object, kind: Partial<Pick<Kind, "schema" | "custom">>): unknown {
  if (kind.custom) {
    const schema = kind.custom.schema() as CustomSchema;
    const properties = { ...schema.properties, metadata: META };
    return celValue(object, { ...schema, properties });
  }
  return typedValue(object, kind.schema ? schemaOf(kind.schema) : FREE);
}

function typedValue(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) return value.map((one) => typedValue(one, schema.items ?? FREE));
  if (typeof value === "object" && value !== null) return fieldsOf(value, schema);
  if (typeof value === "number") {
    return schema.type === "number" || !Number.isInteger(value) ? value : BigInt(value);
  }
  return typeof value === "string" ? stringOf(value, schema) : value;
}

function fieldsOf(value: object, schema: Schema): Record<string, unknown> {
  const entries = Object.entries(value).flatMap(([name, one]): [string, unknown][] => {
    const field = schema.type === "object" ? identifierOf(name) : name;
    return field === undefined ? [] : [[field, typedValue(one, fieldOf(schema, name) ?? FREE)]];
  });
  return Object.fromEntries(entries);
}

function stringOf(value: string, { format }: Schema): unknown {
  switch (format) {
    case "byte":
      return new Uint8Array(Buffer.from(value, "base64"));
    case "date-time":
    case "micro-time":
      return new Date(value);
  }
  return value;
}
