/**
 * Which fields the creator of an object comes to own.
 *
 * That is a question of the object's outline alone: which keys it has, and which elements its lists have, not
 * what is in them. Objects are made by the thousand from one template, so the answer is remembered by outline.
 *
 * In Kubernetes: nothing; each object is compared with an empty one.
 */
import type { Schema } from "../../api/schema.ts";
import type { FieldSet } from "./field-set.ts";
import { afterUpdate, type Write } from "./ownership.ts";
import { belowOf, elementsOf, entriesOf, isHollow, shapeOf } from "./shape.ts";
import { elementStep, sorted } from "./step.ts";
import { zeroObjectOf } from "./zero-object.ts";

/** Of each schema, and of each way to write it. */
const OUTLINES_MAX = 200;
/** A longer one is hardly ever seen twice. */
const LENGTH_MAX = 4_096;

const known = new WeakMap<Schema, WeakMap<FieldSet, Map<string, FieldSet>>>();

/** In the order in which sets are written; empty: none. Shared. Throws a StepError as `afterUpdate` does. */
export function fieldsOfNew(write: Write, obj: unknown): FieldSet | undefined {
  const outline = outlineOf(write.schema, obj);
  if (outline.length > LENGTH_MAX) return compared(write, obj);
  const remembered = memoryOf(write);
  const found = remembered.get(outline);
  if (found !== undefined) return found;
  const fields = compared(write, obj);
  if (fields === undefined) return undefined;
  if (remembered.size >= OUTLINES_MAX) remembered.delete(remembered.keys().next().value!);
  remembered.set(outline, fields);
  return fields;
}

function compared(write: Write, obj: unknown): FieldSet | undefined {
  const [owner] = afterUpdate([], write, zeroObjectOf(write.schema), obj);
  return owner && sorted(owner.fields);
}

function memoryOf({ schema, ignored }: Write): Map<string, FieldSet> {
  const ways = known.get(schema) ?? new WeakMap<FieldSet, Map<string, FieldSet>>();
  known.set(schema, ways);
  const remembered = ways.get(ignored) ?? new Map<string, FieldSet>();
  ways.set(ignored, remembered);
  return remembered;
}

/** Two objects with the same outline have the same fields. Names say how long they are: none is another's. */
export function outlineOf(schema: Schema, value: unknown): string {
  if (isHollow(value)) return value === null ? "0" : Array.isArray(value) ? "-" : "~";
  switch (shapeOf(schema, value)) {
    case "leaf":
      return "";
    case "map":
      return outlineOfMap(schema, value);
    case "list":
      return outlineOfList(schema, value);
  }
}

function outlineOfMap(schema: Schema, value: unknown): string {
  const entries = entriesOf(value);
  let outline = "{";
  for (const key in entries) {
    if (entries[key] === undefined) continue;
    outline += `${key.length}:${key}${outlineOf(belowOf(schema, key).schema, entries[key])},`;
  }
  return `${outline}}`;
}

function outlineOfList(schema: Schema, value: unknown): string {
  let outline = "[";
  for (const element of elementsOf(value)) {
    const step = elementStep(schema, element);
    outline += `${step.length}:${step}${outlineOf(schema.items!, element)},`;
  }
  return `${outline}]`;
}
