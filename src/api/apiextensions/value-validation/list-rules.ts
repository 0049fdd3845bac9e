/**
 * Lists: how long, and, where the list is a set or a map, that nothing is in it twice.
 *
 * In Kubernetes: kube-openapi/pkg/validation/validate/slice.go, and
 * apiextensions-apiserver/pkg/apiserver/schema/listtype/validation.go
 */
import { duplicate, type FieldError, invalidValue, tooMany } from "../../field-error.ts";
import { type CustomSchema, type Fields, isFields, itemsOf } from "../custom-schema.ts";
import { quoted } from "../go-syntax.ts";

export function listErrors(value: unknown, schema: CustomSchema, path: string): FieldError[] {
  if (!Array.isArray(value)) return [];
  const { minItems, maxItems } = schema;
  const errors: FieldError[] = [];
  if (minItems !== undefined && value.length < minItems) {
    const why = `${path} in body should have at least ${minItems} items`;
    errors.push(invalidValue(path, value.length, why));
  }
  if (maxItems !== undefined && value.length > maxItems) {
    errors.push(tooMany(path, value.length, maxItems));
  }
  const type = schema["x-kubernetes-list-type"];
  if (type === "set") errors.push(...repeated(value, (item) => item, path));
  if (type === "map") errors.push(...repeated(value, (item) => keysOf(item, schema), path));
  return errors;
}

function repeated(
  items: unknown[],
  identityOf: (item: unknown) => unknown,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return items.flatMap((item, i) => {
    const identity = identityOf(item);
    const text = canonical(identity);
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    return [duplicate(`${path}[${i}]`, quoted(identity))];
  });
}

/** A key that is left out counts as its default. */
function keysOf(item: unknown, schema: CustomSchema): unknown {
  if (!isFields(item)) return item;
  const properties = itemsOf(schema)?.properties ?? {};
  const keys: Fields = {};
  for (const key of schema["x-kubernetes-list-map-keys"] ?? []) {
    const value = item[key] ?? properties[key]?.default;
    if (value !== undefined) keys[key] = value;
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
