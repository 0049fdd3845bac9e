/**
 * Merging one list of a strategic merge patch: elements are found again by their merge key, or,
 * where they are plain values, by being equal. In which order they end up: first what
 * $setElementOrder says, then the order of the patch, then that of the object.
 *
 * In Kubernetes: apimachinery/pkg/util/strategicpatch/patch.go (mergeSlice, normalizeElementOrder).
 */
import { ApiError } from "../../api/errors.ts";
import type { Schema } from "../../api/schema.ts";
import { isObject } from "../decode/typed-value.ts";
import {
  badPatchType,
  hasDirective,
  listOfLists,
  mergingNotSpecifiable,
  mixedElements,
  noMergeKey,
  notAMap,
  PATCH,
  withoutDirectives,
  wrongOrder,
} from "./directives.ts";

type Fields = Record<string, unknown>;
type MergeElement = (original: Fields, patch: Fields, schema: Schema) => Fields;

/** Throws an ApiError. With `isDeletion`, `patch` lists the plain values to take away. */
export function mergeList(
  original: unknown[],
  patch: unknown[],
  schema: Schema,
  isDeletion: boolean,
  mergeElement: MergeElement,
): unknown[] {
  if (original.length === 0 && patch.length === 0) return original;
  if (!isListOfMaps(original, patch)) {
    if (isDeletion) return original.filter((one) => !patch.includes(one));
    return enforceOrder([...new Set([...original, ...patch])], patch, original, undefined);
  }
  const mergeKey = schema.patchMergeKey;
  if (mergeKey === undefined) {
    throw new ApiError(500, "", "cannot merge lists without merge key for type struct");
  }
  const { kept, changes, isReplaced } = applyDirectives(
    original as Fields[],
    patch as Fields[],
    mergeKey,
  );
  if (isReplaced) return changes;
  const merged = mergeElements(kept, changes, mergeKey, schema.items!, mergeElement);
  return enforceOrder(merged, changes, kept, mergeKey);
}

/** Whether the elements are objects; a list of lists, or of this and that, is refused. */
function isListOfMaps(original: unknown[], patch: unknown[]): boolean {
  const all = [...original, ...patch];
  const kinds = new Set(all.map(kindOf));
  if (kinds.has("list")) throw listOfLists();
  if (kinds.size > 1) throw mixedElements(all);
  return kinds.has("map");
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "list";
  return isObject(value) ? "map" : typeof value;
}

/** Takes away what `$patch: delete` names; `$patch: replace` takes away all. */
function applyDirectives(original: Fields[], patch: Fields[], mergeKey: string) {
  let kept = original;
  const changes: Fields[] = [];
  let isReplaced = false;
  for (const element of patch) {
    const directive = element[PATCH];
    if (!hasDirective(element)) changes.push(element);
    else if (directive === "delete") {
      const key = keyOf(element, mergeKey);
      kept = kept.filter((one) => one[mergeKey] !== key);
    } else if (directive === "replace") isReplaced = true;
    else if (directive === "merge") throw mergingNotSpecifiable();
    else throw badPatchType(directive, element);
  }
  return { kept, changes, isReplaced };
}

function mergeElements(
  original: Fields[],
  patch: Fields[],
  mergeKey: string,
  schema: Schema,
  mergeElement: MergeElement,
): Fields[] {
  const merged = [...original];
  for (const element of patch) {
    const key = keyOf(element, mergeKey);
    const at = merged.findIndex((one) => one[mergeKey] === key);
    if (at < 0) merged.push(withoutDirectives(element) as Fields);
    else merged[at] = mergeElement(merged[at]!, element, schema);
  }
  return merged;
}

/** The elements that `order` names in its order, the others woven in where they were. */
export function enforceOrder(
  merged: unknown[],
  order: unknown[],
  originalOrder: unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const wanted = positions(order, mergeKey);
  const former = positions(originalOrder, mergeKey);
  const at = (places: Map<unknown, number>, one: unknown) => places.get(identity(one, mergeKey));
  const byPlace = (places: Map<unknown, number>) => (a: unknown, b: unknown) =>
    (at(places, a) ?? Infinity) - (at(places, b) ?? Infinity) || 0;

  const named = merged.filter((one) => at(wanted, one) !== undefined).sort(byPlace(wanted));
  const others = merged.filter((one) => at(wanted, one) === undefined).sort(byPlace(former));
  const woven: unknown[] = [];
  while (named.length > 0 && others.length > 0) {
    const [other, next] = [at(former, others[0]), at(former, named[0])];
    const isBefore = other !== undefined && next !== undefined && other < next;
    woven.push((isBefore ? others : named).shift());
  }
  return [...woven, ...named, ...others];
}

/** Refuses a patch whose elements are not in the order that its own directive gives. */
export function checkOrder(patch: unknown[], order: unknown[], mergeKey: string | undefined): void {
  if (order.length === 0) return;
  const elements = patch.filter((one) => !hasDirective(one));
  let next = 0;
  for (const place of order) {
    if (next === elements.length) break;
    if (identity(elements[next], mergeKey) === identity(place, mergeKey)) next++;
  }
  if (next < elements.length) throw wrongOrder(patch, order);
}

function positions(list: unknown[], mergeKey: string | undefined): Map<unknown, number> {
  const places = new Map<unknown, number>();
  for (const [index, one] of list.entries()) {
    const key = identity(one, mergeKey);
    if (!places.has(key)) places.set(key, index);
  }
  return places;
}

function identity(element: unknown, mergeKey: string | undefined): unknown {
  if (mergeKey === undefined) return element;
  if (!isObject(element)) throw notAMap(element);
  return keyOf(element, mergeKey);
}

function keyOf(element: Fields, mergeKey: string): unknown {
  if (!Object.hasOwn(element, mergeKey)) throw noMergeKey(element, mergeKey);
  return element[mergeKey];
}
