/**
 * What a write changed, as sets of fields: those it set (new, or another value), and those it took away.
 *
 * Both are trees that are made only where there is a difference: most of an object is as it was, and
 * comparing it must cost no more than looking at it.
 *
 * In Kubernetes: sigs.k8s.io/structured-merge-diff/typed/compare.go; differs: what was added and what was
 * modified are one set, for nobody asks which.
 */
import type { Schema } from "../../api/schema.ts";
import { type FieldSet, LEAF } from "./field-set.ts";
import { isSameValue } from "./same-value.ts";
import { belowOf, elementsOf, entriesOf, isHollow, shapeOf, shapeOfBoth } from "./shape.ts";
import { elementStep } from "./step.ts";

export interface Comparison {
  /** Added or modified. Undefined: none. */
  set: FieldSet | undefined;
  removed: FieldSet | undefined;
}

const SAME: Comparison = Object.freeze({ set: undefined, removed: undefined });
const MODIFIED: Comparison = Object.freeze({ set: LEAF, removed: undefined });

/** Throws a StepError where an element of a list has no key. */
export function compare(schema: Schema, before: unknown, after: unknown): Comparison {
  if (before === after) return SAME;
  if (before === undefined) return { set: wholeOf(schema, after), removed: undefined };
  if (after === undefined) return { set: undefined, removed: wholeOf(schema, before) };
  const shape = shapeOfBoth(schema, before, after);
  if (shape === "leaf" || (isHollow(before) && isHollow(after))) {
    return isSameValue(before, after) ? SAME : MODIFIED;
  }
  return shape === "map" ? ofMaps(schema, before, after) : ofLists(schema, before, after);
}

function ofMaps(schema: Schema, before: unknown, after: unknown): Comparison {
  const [was, is] = [entriesOf(before), entriesOf(after)];
  const found = new Found();
  for (const key in is) {
    if (was[key] === is[key]) continue;
    const below = belowOf(schema, key);
    found.add(below.step, compare(below.schema, ownOf(was, key), is[key]));
  }
  for (const key in was) {
    if (Object.hasOwn(is, key)) continue;
    const below = belowOf(schema, key);
    found.add(below.step, compare(below.schema, was[key], undefined));
  }
  return found.comparison();
}

function ofLists(schema: Schema, before: unknown, after: unknown): Comparison {
  if (isSameValue(before, after)) return SAME;
  const [was, is] = [byStep(schema, before), byStep(schema, after)];
  const found = new Found();
  for (const [step, elements] of is) {
    found.add(step, ofElements(schema.items!, was.get(step), elements));
  }
  for (const [step, elements] of was) {
    if (!is.has(step)) found.add(step, ofElements(schema.items!, elements, undefined));
  }
  return found.comparison();
}

/** Several elements of one key, which validation may let pass, are taken as one value. */
function ofElements(items: Schema, was: unknown[] | undefined, is: unknown[] | undefined) {
  if ((was?.length ?? 1) === 1 && (is?.length ?? 1) === 1) return compare(items, was?.[0], is?.[0]);
  if (was === undefined) return MODIFIED;
  if (is === undefined) return { set: undefined, removed: LEAF };
  return isSameValue(was, is) ? SAME : MODIFIED;
}

function byStep(schema: Schema, list: unknown): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const element of elementsOf(list)) {
    const step = elementStep(schema, element);
    const others = found.get(step);
    if (others === undefined) found.set(step, [element]);
    else others.push(element);
  }
  return found;
}

/** All there is of a value that was not there before, or is there no more: itself and all below it. */
export function wholeOf(schema: Schema, value: unknown): FieldSet {
  const shape = shapeOf(schema, value);
  if (shape === "leaf" || isHollow(value)) return LEAF;
  const set: Record<string, FieldSet> = { ".": LEAF };
  if (shape === "map") {
    const entries = entriesOf(value);
    // In the order in which sets are written.
    for (const key of Object.keys(entries).sort()) {
      if (entries[key] === undefined) continue;
      const below = belowOf(schema, key);
      set[below.step] = wholeOf(below.schema, entries[key]);
    }
    return set;
  }
  for (const element of elementsOf(value)) {
    const step = elementStep(schema, element);
    set[step] = step in set ? LEAF : wholeOf(schema.items!, element);
  }
  return set;
}

class Found {
  #set: Record<string, FieldSet> | undefined;
  #removed: Record<string, FieldSet> | undefined;

  add(step: string, { set, removed }: Comparison): void {
    if (set !== undefined) {
      this.#set ??= {};
      this.#set[step] = set;
    }
    if (removed !== undefined) {
      this.#removed ??= {};
      this.#removed[step] = removed;
    }
  }

  comparison(): Comparison {
    if (this.#set === undefined && this.#removed === undefined) return SAME;
    return { set: this.#set, removed: this.#removed };
  }
}

function ownOf(value: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
