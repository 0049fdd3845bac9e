/**
 * Strategic merge patch: a merge patch that knows the schema. Lists with a merge key are merged
 * element by element (a container is found again by its name), others are replaced; directives in
 * the patch say what plain JSON cannot.
 *
 * Pure: neither argument is changed, though the result may share parts with both.
 *
 * In Kubernetes: apimachinery/pkg/util/strategicpatch/patch.go (mergeMap).
 */
import { fieldOf, type Schema } from "../../api/schema.ts";
import { isObject, setKey } from "../decode/typed-value.ts";
import {
  badElementOrder,
  badPatchType,
  badPrimitiveList,
  badRetainKeys,
  DELETE_FROM,
  fieldNamedBy,
  hasDirective,
  noSuchField,
  notAList,
  ORDER,
  PATCH,
  RETAIN_KEYS,
  withoutDirectives,
} from "./directives.ts";
import { checkOrder, enforceOrder, mergeList } from "./strategic-list.ts";

type Fields = Record<string, unknown>;

/** Throws an ApiError. */
export function strategicMergePatch(original: Fields, patch: Fields, schema: Schema): Fields {
  if (Object.hasOwn(patch, PATCH)) return replaceOrDelete(patch);
  const result = retained(original, patch);
  const done = new Set([RETAIN_KEYS]);
  for (const key of Object.keys(patch)) {
    if (key.startsWith(ORDER)) {
      const field = fieldNamedBy(key, ORDER, badElementOrder);
      mergeInOrder(result, patch, field, patch[key], schema);
      done.add(key).add(field);
    }
  }
  for (const key of Object.keys(patch)) {
    if (!done.has(key)) mergeField(result, key, patch[key], schema);
  }
  return result;
}

/** The object's own `$patch`. */
function replaceOrDelete(patch: Fields): Fields {
  const { [PATCH]: directive, ...rest } = patch;
  if (directive === "replace") return rest;
  if (directive === "delete") return {};
  throw badPatchType(directive, patch);
}

/** The fields that stay before anything is merged: all, unless $retainKeys names them. */
function retained(original: Fields, patch: Fields): Fields {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return { ...original };
  const list = patch[RETAIN_KEYS];
  if (!Array.isArray(list)) throw badRetainKeys();
  const keys = new Set<unknown>(list);
  for (const [key, value] of Object.entries(patch)) {
    const isDirective = key === RETAIN_KEYS || key.startsWith(DELETE_FROM) || key.startsWith(ORDER);
    if (!isDirective && value !== null && !keys.has(key)) throw badRetainKeys();
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => keys.has(key)));
}

/** Merges the list `field`, then puts its elements into the order that the patch asks for. */
function mergeInOrder(
  result: Fields,
  patch: Fields,
  field: string,
  order: unknown,
  schema: Schema,
): void {
  if (!Array.isArray(order)) throw notAList(order);
  const original = listIn(result, field);
  const changes = listIn(patch, field);
  const fieldSchema = schemaFor(schema, field);
  const mergeKey = fieldSchema.patchMergeKey;
  if (changes) checkOrder(changes, order, mergeKey);
  if (!original && !changes) return;
  const merged =
    original && changes
      ? mergeLists(original, changes, fieldSchema, false)
      : (original ?? (withoutDirectives(changes) as unknown[]));
  setKey(result, field, enforceOrder(merged, order, original ?? [], mergeKey));
}

function listIn(fields: Fields, field: string): unknown[] | undefined {
  if (!Object.hasOwn(fields, field)) return undefined;
  const value = fields[field];
  if (!Array.isArray(value)) throw notAList(value);
  return value;
}

function mergeField(result: Fields, key: string, change: unknown, schema: Schema): void {
  const isDeletion = key.startsWith(DELETE_FROM);
  const field = isDeletion ? fieldNamedBy(key, DELETE_FROM, badPrimitiveList) : key;
  if (change === null) {
    delete result[field];
    return;
  }
  const current = Object.hasOwn(result, field) ? result[field] : undefined;
  if (Array.isArray(current) && Array.isArray(change)) {
    setKey(result, field, mergeLists(current, change, schemaFor(schema, field), isDeletion));
  } else if (isObject(current) && isObject(change)) {
    setKey(result, field, strategicMergePatch(current, change, schemaFor(schema, field)));
  } else if (!isDeletion) {
    if (hasDirective(change)) delete result[field];
    else setKey(result, field, withoutDirectives(change));
  }
}

/** A list that no merge strategy is declared for is replaced. */
function mergeLists(
  current: unknown[],
  change: unknown[],
  schema: Schema,
  isDeletion: boolean,
): unknown[] {
  if (!schema.patchStrategy?.includes("merge")) return change;
  return mergeList(current, change, schema, isDeletion, strategicMergePatch);
}

function schemaFor(schema: Schema, field: string): Schema {
  if (schema.type === "any") return schema;
  const found = fieldOf(schema, field);
  if (!found) throw noSuchField(schema.ref?.split(".").at(-1) ?? "", field);
  return found;
}
