/**
 * Lists that are sets or maps: nothing is in one twice. What is there more often is told of once.
 *
 * In Kubernetes: apiextensions-apiserver/pkg/apiserver/schema/listtype/validation.go
 */
import { duplicate, type FieldError, invalidValue } from "../../field-error.ts";
import {
  type CustomSchema,
  type Fields,
  isFields,
  itemsOf,
  propertyOf,
  valuesOf,
} from "../custom-schema.ts";
import { quoted } from "../go-syntax.ts";

export function repetitionErrors(value: unknown, schema: CustomSchema, path: string): FieldError[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    const below = items
      ? value.flatMap((one, i) => repetitionErrors(one, items, `${path}[${i}]`))
      : [];
    return [...ownErrors(value, schema, path), ...below];
  }
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([name, one]) => {
    const property = propertyOf(schema, name);
    if (property) return repetitionErrors(one, property, path === "" ? name : `${path}.${name}`);
    const values = valuesOf(schema);
    return values ? repetitionErrors(one, values, `${path}[${name}]`) : [];
  });
}

function ownErrors(items: unknown[], schema: CustomSchema, path: string): FieldError[] {
  const type = schema["x-kubernetes-list-type"];
  if (type === "set") return repeated(items, path);
  if (type !== "map") return [];
  const odd = items.findIndex((item) => item !== null && !isFields(item));
  if (odd >= 0) {
    const why = "must be an object for an array of list-type map";
    return [invalidValue(`${path}[${odd}]`, quoted(items[odd]), why)];
  }
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  return repeated(
    items.map((item) => keysOf(item, keys)),
    path,
  );
}

function repeated(identities: unknown[], path: string): FieldError[] {
  const times = new Map<string, number>();
  return identities.flatMap((identity, i) => {
    const text = canonical(identity);
    const count = (times.get(text) ?? 0) + 1;
    times.set(text, count);
    return count === 2 ? [duplicate(`${path}[${i}]`, quoted(identity))] : [];
  });
}

function keysOf(item: unknown, names: string[]): unknown {
  const keys: Fields = {};
  if (!isFields(item)) return keys;
  for (const name of names) {
    if (item[name] !== undefined) keys[name] = item[name];
  }
  return keys;
}

/** The same text for the same value, whatever the order of its fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one) =>
    isFields(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
