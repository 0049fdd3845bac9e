/**
 * One step of a field's path: how it is spelled in a field set, in which order sets are written, and how
 * messages show it (`.spec.containers[name="web"].image`).
 *
 * In Kubernetes: sigs.k8s.io/structured-merge-diff/fieldpath/{element,serialize-pe}.go
 */
import type { Schema } from "../../api/schema.ts";
import { isObject } from "../decode/typed-value.ts";
import type { FieldSet } from "./field-set.ts";

export const fieldStep = (name: string): string => `f:${name}`;

/** What an element of a list that cannot be found again is refused with. */
export class StepError extends Error {
  override readonly name = "StepError";
}

/** The keys that need not be said, with what they then are. */
const KEY_DEFAULTS: Record<string, unknown> = { protocol: "TCP" };

/** The step to an element of a list that is not atomic. Throws a StepError. */
export function elementStep(list: Schema, element: unknown): string {
  return list.listType === "set" ? valueStep(element) : keyStep(list.listMapKeys ?? [], element);
}

function valueStep(element: unknown): string {
  if (element === null) {
    throw new StepError("associative list without keys has an element that's an explicit null");
  }
  if (Array.isArray(element)) {
    throw new StepError("not supported: associative list with lists as elements");
  }
  if (typeof element === "object") {
    throw new StepError("associative list without keys has an element that's a map type");
  }
  return `v:${JSON.stringify(element)}`;
}

function keyStep(keys: readonly string[], element: unknown): string {
  if (element === null)
    throw new StepError("associative list with keys may not have a null element");
  if (!isObject(element)) {
    throw new StepError("associative list with keys may not have non-map elements");
  }
  if (keys.length === 1) return `k:{${keyText(keys[0]!, element)}}`;
  return `k:{${keys
    .toSorted()
    .map((key) => keyText(key, element))
    .join(",")}}`;
}

function keyText(key: string, element: Record<string, unknown>): string {
  const value = element[key] ?? KEY_DEFAULTS[key];
  if (value === undefined) {
    throw new StepError(
      `associative list with keys has an element that omits key field ${JSON.stringify(key)} (and doesn't have default value)`,
    );
  }
  return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
}

/** The path as messages have it. */
export function pathText(steps: readonly string[]): string {
  return steps.map(stepText).join("");
}

export function stepText(step: string): string {
  const rest = step.slice(2);
  if (step.startsWith("f:")) return `.${rest}`;
  if (step.startsWith("v:")) return `[=${rest}]`;
  if (step.startsWith("i:")) return `[${rest}]`;
  const keys = JSON.parse(rest) as Record<string, unknown>;
  const texts = Object.keys(keys).map((key) => `${key}=${JSON.stringify(keys[key])}`);
  return `[${texts.join(",")}]`;
}

/** The same set in the order in which sets are written: the same fields are always the same bytes. */
export function sorted(set: FieldSet): FieldSet {
  let previous = "";
  let result: Record<string, FieldSet> | undefined;
  for (const step in set) {
    if (previous !== "" && compareSteps(previous, step) > 0) return inOrder(set);
    previous = step;
    const node = sorted(set[step]!);
    if (node === set[step]) continue;
    result ??= { ...set };
    result[step] = node;
  }
  return result ?? set;
}

function inOrder(set: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const step of Object.keys(set).sort(compareSteps)) result[step] = sorted(set[step]!);
  return result;
}

const ORDER = ".fkvi";

/** "." first, then fields, keys and values; keys by their values, numbers as numbers. */
function compareSteps(a: string, b: string): number {
  if (a.startsWith("f:") && b.startsWith("f:")) return a < b ? -1 : 1;
  const kinds = ORDER.indexOf(a[0]!) - ORDER.indexOf(b[0]!);
  if (kinds !== 0) return kinds;
  if (a[0] === "k" && /:\d/.test(a)) return compareKeys(a, b);
  if (a[0] === "v" || a[0] === "i")
    return compareValues(JSON.parse(a.slice(2)), JSON.parse(b.slice(2)));
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareKeys(a: string, b: string): number {
  const [mine, other] = [JSON.parse(a.slice(2)), JSON.parse(b.slice(2))];
  for (const key of Object.keys(mine)) {
    const order = compareValues(mine[key], other[key]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [mine, other] = [String(a), String(b)];
  return mine < other ? -1 : mine > other ? 1 : 0;
}
