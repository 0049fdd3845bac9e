/**
 * The types of CEL that the fields of a schema have, declared in an environment, so that a rule is checked
 * before any object is made: a field that does not exist, a text compared with a number.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/cel/common/schemas.go (SchemaDeclType)
 */
import type { Environment } from "@marcbachmann/cel-js";
import {
  type CustomSchema,
  isEmbedded,
  isIntOrString,
  itemsOf,
  keepsUnknown,
  valuesOf,
} from "../custom-schema.ts";
import { newEnvironment } from "./environment.ts";
import { identifierOf } from "./identifiers.ts";

const SCALARS: Record<string, string> = {
  boolean: "bool",
  integer: "int",
  number: "double",
  string: "string",
};
const STRINGS: Record<string, string> = {
  byte: "bytes",
  date: "google.protobuf.Timestamp",
  "date-time": "google.protobuf.Timestamp",
  duration: "google.protobuf.Duration",
};
const METADATA = { name: "string", generateName: "string" };

/** Where a rule at `schema` is checked. */
export function environmentFor(
  schema: CustomSchema,
  isResource: boolean,
  oldSelf: "value" | "optional",
): Environment {
  const environment = newEnvironment();
  const type = new Declarations(environment).typeOf(schema, isResource);
  environment.registerVariable("self", type);
  environment.registerVariable("oldSelf", oldSelf === "optional" ? `optional<${type}>` : type);
  return environment;
}

/** The name of the type that values of `schema` have in `environment`. */
export function declareType(environment: Environment, schema: CustomSchema): string {
  return new Declarations(environment).typeOf(schema, false);
}

class Declarations {
  readonly #environment: Environment;
  /** What is declared already, where it is met again. */
  readonly #known = new Map<CustomSchema, string>();
  #count = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  typeOf(schema: CustomSchema, isResource = isEmbedded(schema)): string {
    if (isIntOrString(schema)) return "dyn";
    switch (schema.type) {
      case "array": {
        const items = itemsOf(schema);
        return `list<${items ? this.typeOf(items) : "dyn"}>`;
      }
      case "object":
        return this.#knownObject(schema, isResource);
      case "string":
        return STRINGS[schema.format ?? ""] ?? "string";
    }
    return SCALARS[schema.type ?? ""] ?? "dyn";
  }

  #knownObject(schema: CustomSchema, isResource: boolean): string {
    const known = isResource ? undefined : this.#known.get(schema);
    const type = known ?? this.#object(schema, isResource);
    if (!isResource) this.#known.set(schema, type);
    return type;
  }

  #object(schema: CustomSchema, isResource: boolean): string {
    const values = valuesOf(schema);
    if (values !== undefined) return `map<string, ${this.typeOf(values)}>`;
    const { properties = {}, additionalProperties } = schema;
    if (additionalProperties === true) return "map<string, dyn>";
    const isFree = keepsUnknown(schema) && Object.keys(properties).length === 0;
    if (isFree && !isResource) return "dyn";
    const fields: Record<string, string> = isResource
      ? { apiVersion: "string", kind: "string", metadata: this.#declare(METADATA) }
      : {};
    for (const [name, property] of Object.entries(properties)) {
      const field = identifierOf(name);
      if (field === undefined || (isResource && Object.hasOwn(fields, field))) continue;
      fields[field] = this.typeOf(property);
    }
    return Object.keys(fields).length === 0 ? "map<string, dyn>" : this.#declare(fields);
  }

  #declare(fields: Record<string, string>): string {
    const name = `object${++this.#count}`;
    this.#environment.registerType({ name, schema: fields });
    const isSame = (a: unknown, b: unknown) => a === b;
    this.#environment.registerOperator(`${name} == ${name}`, isSame);
    this.#environment.registerOperator(`${name} == null`, isSame);
    return name;
  }
}
