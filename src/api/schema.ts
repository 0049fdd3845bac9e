/**
 * Field schemas: which fields each type of the API has, and of what type. Pure data, derived at
 * build time (scripts/build-schemas.mjs) and read at first use; one schema serves strict decoding,
 * the patches, server-side apply and OpenAPI.
 *
 * A field that holds a named type has its name in `ref`, and `resolve` follows it: types may
 * contain themselves (JSONSchemaProps does).
 *
 * In Kubernetes: the OpenAPI definitions that staging/src/k8s.io/kube-openapi generates.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAtomicType, mergeRuleOf } from "./merge-keys.ts";

export interface Schema {
  /** A map has string keys and values of type `items`; an object has named fields. */
  type: "object" | "array" | "map" | "string" | "integer" | "number" | "boolean" | "any";
  /** The name of the type, for an object or for a string with a form of its own (Time, Quantity). */
  ref?: string;
  /** Of an object; absent where `ref` has still to be followed. */
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  /** What a list or a map holds. */
  items?: Schema;
  /** int32, int64, double, byte, date-time, micro-time, quantity, int-or-string. */
  format?: string;
  /** How a strategic merge patch treats the field. */
  patchStrategy?: readonly ("merge" | "retainKeys")[];
  patchMergeKey?: string;
  /** How server-side apply treats the list. */
  listType?: "atomic" | "set" | "map";
  listMapKeys?: readonly string[];
  /** Server-side apply replaces it whole. */
  mapType?: "atomic";
}

/** What the API's own documentation says of a type. */
export interface Description {
  description: string;
  properties: Record<string, string>;
}

/** A type as the build writes it: see scripts/build-schemas.mjs. */
interface StoredType {
  type?: string;
  properties?: Record<string, string>;
  required?: string[];
  gvk?: [apiVersion: string, kind: string];
}

let directory: string | undefined;
let stored: Record<string, StoredType> | undefined;
let descriptions: Record<string, Description> | undefined;
const expanded = new Map<string, Schema>();

/** Where the build's files are, if not in `dist/schemas` at or above this program. */
export function setSchemaDirectory(path: string): void {
  directory = path;
  stored = descriptions = undefined;
  expanded.clear();
}

/** The schema of a type by its full name: "io.k8s.api.core.v1.Pod". */
export function schemaOf(name: string): Schema {
  let schema = expanded.get(name);
  if (!schema) {
    schema = expandType(name, typeNamed(name));
    expanded.set(name, schema);
  }
  return schema;
}

/** The same schema, with its properties: follows `ref`. */
export function resolve(schema: Schema): Schema {
  return schema.ref !== undefined && schema.type === "object" && schema.properties === undefined
    ? { ...schema, ...propertiesOf(schema.ref) }
    : schema;
}

/** The schema of one field of an object or one key of a map; undefined: there is no such field. */
export function fieldOf(schema: Schema, field: string): Schema | undefined {
  if (schema.type === "map") return schema.items;
  if (schema.type !== "object") return undefined;
  const { properties } = schema.properties ? schema : schemaOf(schema.ref!);
  return properties && Object.hasOwn(properties, field) ? properties[field] : undefined;
}

export function hasSchema(name: string): boolean {
  return Object.hasOwn(storedTypes(), name);
}

/** Every type there is. */
export function schemaNames(): string[] {
  return Object.keys(storedTypes());
}

/** The kind that a type is, where it is one. */
export function kindOfSchema(name: string): { apiVersion: string; kind: string } | undefined {
  const gvk = typeNamed(name).gvk;
  return gvk && { apiVersion: gvk[0], kind: gvk[1] };
}

export function descriptionOf(name: string): Description {
  descriptions ??= read<Record<string, Description>>("descriptions.json");
  const found = Object.hasOwn(descriptions, name) ? descriptions[name] : undefined;
  return found ?? { description: "", properties: {} };
}

/** "io.k8s.api.core.v1.Pod" -> "core.v1.Pod": how the tables and Go name it. */
export function shortNameOf(name: string): string {
  return name.split(".").slice(-3).join(".");
}

function propertiesOf(name: string): Pick<Schema, "properties" | "required"> {
  const { properties, required } = schemaOf(name);
  return { ...(properties && { properties }), ...(required && { required }) };
}

function typeNamed(name: string): StoredType {
  const type = Object.hasOwn(storedTypes(), name) ? storedTypes()[name] : undefined;
  if (!type) throw new Error(`there is no schema ${name}`);
  return type;
}

function expandType(name: string, type: StoredType): Schema {
  if (type.type !== undefined) return { ...expandScalar(type.type), ref: name };
  const properties: Record<string, Schema> = {};
  for (const [field, spelled] of Object.entries(type.properties ?? {})) {
    const rule = mergeRuleOf(shortNameOf(name), field);
    properties[field] = rule ? { ...expandField(spelled), ...rule } : expandField(spelled);
  }
  return {
    type: "object",
    ref: name,
    properties,
    ...(type.required && { required: type.required }),
    ...(isAtomicType(shortNameOf(name)) && { mapType: "atomic" }),
  };
}

function expandField(spelled: string): Schema {
  if (spelled.startsWith("[]")) return { type: "array", items: expandField(spelled.slice(2)) };
  if (spelled.startsWith("{}")) return { type: "map", items: expandField(spelled.slice(2)) };
  if (!spelled.includes(".")) return expandScalar(spelled);
  const type = typeNamed(spelled);
  if (type.type !== undefined) return schemaOf(spelled);
  return {
    type: "object",
    ref: spelled,
    ...(isAtomicType(shortNameOf(spelled)) && { mapType: "atomic" }),
  };
}

function expandScalar(spelled: string): Schema {
  const [type, format] = spelled.split("/");
  return { type: type as Schema["type"], ...(format !== undefined && { format }) };
}

function storedTypes(): Record<string, StoredType> {
  stored ??= read<Record<string, StoredType>>("schemas.json");
  return stored;
}

function read<T>(file: string): T {
  directory ??= findDirectory();
  return JSON.parse(readFileSync(join(directory, file), "utf8"));
}

/** Beside the bundle (dist/schemas for dist/kubeling.js), or in the dist of the source tree. */
function findDirectory(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  for (; ; at = dirname(at)) {
    for (const candidate of [join(at, "schemas"), join(at, "dist", "schemas")]) {
      if (existsSync(join(candidate, "schemas.json"))) return candidate;
    }
    if (at === dirname(at)) {
      throw new Error("the field schemas have not been built: run node scripts/build-schemas.mjs");
    }
  }
}
