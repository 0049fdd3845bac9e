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
import { fieldStep } from "./step.ts";

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

/** What is below a key. */
export interface Below {
  step: string;
  schema: Schema;
  /** Whether the key is a field the schema names, and not one of a map. */
  isNamed: boolean;
}

/** The named fields that have been asked for: they are asked for again with every object. */
const known = new WeakMap<Schema, Map<string, Below>>();

/** What the schema does not know is deduced. */
export function belowOf(schema: Schema, key: string): Below {
  if (schema.type !== "object") {
    return { step: fieldStep(key), schema: fieldOf(schema, key) ?? DEDUCED, isNamed: false };
  }
  let fields = known.get(schema);
  if (fields === undefined) {
    fields = new Map();
    known.set(schema, fields);
  }
  const found = fields.get(key);
  if (found !== undefined) return found;
  const field = fieldOf(schema, key);
  if (field === undefined) return { step: fieldStep(key), schema: DEDUCED, isNamed: false };
  const below = { step: fieldStep(key), schema: field, isNamed: true };
  fields.set(key, below);
  return below;
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
