/**
 * The fields a configuration speaks of: what its applier says it owns. Unlike what a write changed, a
 * struct or a list is not itself owned for having something in it; a key of a map and an element of a
 * list are.
 *
 * In Kubernetes: sigs.k8s.io/structured-merge-diff/typed/tofieldset.go, and EnsureNamedFieldsAreMembers
 */
import type { Schema } from "../../api/schema.ts";
import { type FieldSet, isMember, LEAF, NO_FIELDS, nodeOf } from "./field-set.ts";
import { belowOf, DEDUCED, elementsOf, entriesOf, isHollow, shapeOf } from "./shape.ts";
import { elementStep } from "./step.ts";

/** Throws a StepError where an element of a list has no key. */
export function fieldsOf(schema: Schema, value: unknown): FieldSet {
  const shape = shapeOf(schema, value);
  const set: Record<string, FieldSet> = {};
  if (shape === "map") {
    const entries = entriesOf(value);
    for (const key in entries) {
      const below = belowOf(schema, key);
      const node = nodeFor(below.schema, entries[key], !below.isNamed);
      if (node !== undefined) set[below.step] = node;
    }
  } else if (shape === "list") {
    for (const element of elementsOf(value)) {
      set[elementStep(schema, element)] = nodeFor(schema.items!, element, true)!;
    }
  }
  return set;
}

function nodeFor(schema: Schema, value: unknown, isSelf: boolean): FieldSet | undefined {
  if (value === undefined) return undefined;
  const isLeaf = shapeOf(schema, value) === "leaf" || isHollow(value);
  // An empty list is nobody's.
  if (isLeaf) return isSelf || !isEmptyList(schema, value) ? LEAF : undefined;
  return nodeOf(fieldsOf(schema, value), isSelf);
}

function isEmptyList(schema: Schema, value: unknown): boolean {
  return Array.isArray(value) && value.length === 0 && shapeOf(schema, value) === "list";
}

/**
 * The same set with every field the schema names that has something of the set below it: so a struct is
 * taken away with all that was in it, and not left behind empty.
 */
export function withNamedFields(set: FieldSet, schema: Schema): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const step in set) {
    if (step === ".") continue;
    const node = set[step]!;
    const below = step.startsWith("f:") ? belowOf(schema, step.slice(2)) : undefined;
    const inner = below?.schema ?? schema.items ?? DEDUCED;
    const isSelf = isMember(node) || below?.isNamed === true;
    result[step] = nodeOf(withNamedFields(node, inner), isSelf) ?? NO_FIELDS;
  }
  return result;
}
