/**
 * How a schema says that a value is to be merged: field by field, element by element, or as one.
 *
 * Where there is no schema (a custom resource without one) it is deduced from the value: objects are
 * maps, everything else is one.
 *
 * In Kubernetes: sigs.k8s.io/structured-merge-diff/schema, typed/helpers.go (deduceAtom)
 */
import { fieldOf, type Schema } from "../../api/schema.ts";
import { isObject } from "../decode/typed-value.ts";

/** `map`: of named fields or of free keys. `list`: of elements that can be found again. */
export type Shape = "leaf" | "map" | "list";

/** What there is no schema for. */
export const DEDUCED: Schema = { type: "any" };

/** null may be of any shape. */
export function shapeOf(schema: Schema, value: unknown): Shape {
  switch (schema.type) {
    case "object":
    case "map":
      return schema.mapType === "atomic" || !isMapLike(value) ? "leaf" : "map";
    case "array":
      return isAtomicList(schema) || !isListLike(value) ? "leaf" : "list";
    case "any":
      // A type of our own without fields (RawExtension) is one value.
      return schema.ref === undefined && isObject(value) ? "map" : "leaf";
    default:
      return "leaf";
  }
}

/** The shape two values share; null goes with anything. */
export function shapeOfBoth(schema: Schema, one: unknown, other: unknown): Shape {
  const shape = shapeOf(schema, one);
  if (one === null) return shapeOf(schema, other);
  return other === null || shape === shapeOf(schema, other) ? shape : "leaf";
}

/** The schema below a key; what is not in the schema is deduced. */
export function schemaBelow(schema: Schema, key: string): Schema {
  return schema.type === "any" ? DEDUCED : (fieldOf(schema, key) ?? DEDUCED);
}

/** Whether the key is a field the schema names, and not one of a map. */
export function isNamedField(schema: Schema, key: string): boolean {
  return schema.type === "object" && fieldOf(schema, key) !== undefined;
}

export function entriesOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

export function elementsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Nothing in it: null, or a map or list without elements. */
export function isHollow(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== "object") return false;
  for (const _ in value) return false;
  return true;
}

function isAtomicList({ listType, listMapKeys }: Schema): boolean {
  if (listType === "map") return listMapKeys === undefined || listMapKeys.length === 0;
  return listType !== "set";
}

function isMapLike(value: unknown): boolean {
  return value === null || isObject(value);
}

function isListLike(value: unknown): boolean {
  return value === null || Array.isArray(value);
}
