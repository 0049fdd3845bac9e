/**
 * A value without some of its fields. What is left with nothing in it becomes null, which decoding drops.
 *
 * In Kubernetes: sigs.k8s.io/structured-merge-diff/typed/remove.go
 */
import type { Schema } from "../../api/schema.ts";
import { setKey } from "../decode/typed-value.ts";
import { type FieldSet, isEmpty, isMember } from "./field-set.ts";
import { belowOf, elementsOf, entriesOf, shapeOf } from "./shape.ts";
import { elementStep } from "./step.ts";

/** `value` is not changed. */
export function removeFields(schema: Schema, value: unknown, fields: FieldSet): unknown {
  if (isEmpty(fields)) return value;
  const shape = shapeOf(schema, value);
  if (shape === "leaf") return value;
  const left = shape === "map" ? fromMap(schema, value, fields) : fromList(schema, value, fields);
  return Object.keys(left).length > 0 ? left : null;
}

function fromMap(schema: Schema, value: unknown, fields: FieldSet): Record<string, unknown> {
  const left: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(entriesOf(value))) {
    const below = belowOf(schema, key);
    const node = fields[below.step];
    if (node === undefined) setKey(left, key, inner);
    else if (!isMember(node)) {
      setKey(left, key, removeFields(below.schema, inner, node));
    }
  }
  return left;
}

function fromList(schema: Schema, value: unknown, fields: FieldSet): unknown[] {
  const left: unknown[] = [];
  for (const element of elementsOf(value)) {
    const node = fields[elementStep(schema, element)];
    if (node === undefined) left.push(element);
    else if (!isMember(node)) left.push(removeFields(schema.items!, element, node));
  }
  return left;
}
