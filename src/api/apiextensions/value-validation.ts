/**
 * Judges a value by the schema of its definition. Every rule of one node is a file's worth of
 * value-validation/; here is the way through the tree, and the words for all of it are Kubernetes' own.
 *
 * On an update what has not changed is not judged again ("ratcheting"), so that a stricter schema does not
 * lock its owners out of objects that were fine when they were made.
 *
 * In Kubernetes: kube-openapi/pkg/validation/validate, and apiextensions-apiserver/pkg/apiserver/validation.
 */
import { isDeepStrictEqual } from "node:util";
import type { FieldError } from "../field-error.ts";
import {
  type CustomSchema,
  isFields,
  itemsOf,
  META_FIELDS,
  propertyOf,
  valuesOf,
} from "./custom-schema.ts";
import { combinationErrors } from "./value-validation/combination-rules.ts";
import { listErrors } from "./value-validation/list-rules.ts";
import { numberErrors } from "./value-validation/number-rules.ts";
import { objectErrors } from "./value-validation/object-rules.ts";
import { enumErrors, stringErrors } from "./value-validation/string-rules.ts";
import { typeErrors } from "./value-validation/type-rule.ts";

/** `old` is what was stored at the same place; undefined where nothing was. */
export function validateValue(
  value: unknown,
  schema: CustomSchema,
  path: string,
  old?: unknown,
): FieldError[] {
  if (old !== undefined && isDeepStrictEqual(value, old)) return [];
  if (value === null && schema.nullable) return [];
  const ofNode = [
    ...typeErrors(value, schema, path),
    ...combinationErrors(value, schema, path, validateValue),
    ...enumErrors(value, schema, path),
    ...stringErrors(value, schema, path),
    ...numberErrors(value, schema, path),
    ...listErrors(value, schema, path),
    ...objectErrors(value, schema, path),
  ];
  return [...ofNode, ...errorsBelow(value, schema, path, old)];
}

/** The whole object. apiVersion, kind and metadata are judged elsewhere. */
export function validateFields(obj: object, schema: CustomSchema, old?: object): FieldError[] {
  const { properties = {}, ...rest } = schema;
  const own = Object.fromEntries(
    Object.entries(properties).filter(
      ([name]) => !META_FIELDS.includes(name) || name === "metadata",
    ),
  );
  return validateValue(obj, { ...rest, properties: own }, "", old);
}

function errorsBelow(
  value: unknown,
  schema: CustomSchema,
  path: string,
  old: unknown,
): FieldError[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items === undefined) return [];
    const before = correlated(schema, old);
    return value.flatMap((one, i) => validateValue(one, items, `${path}[${i}]`, before(one)));
  }
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([name, one]) => {
    const below = propertyOf(schema, name) ?? valuesOf(schema);
    if (below === undefined) return [];
    const before = isFields(old) ? old[name] : undefined;
    return validateValue(one, below, path === "" ? name : `${path}.${name}`, before);
  });
}

/** Elements of a list are found again only where the list is a map. */
export function correlated(schema: CustomSchema, old: unknown): (item: unknown) => unknown {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (schema["x-kubernetes-list-type"] !== "map" || !keys || !Array.isArray(old)) {
    return () => undefined;
  }
  const keyOf = (item: unknown) =>
    isFields(item) ? JSON.stringify(keys.map((key) => item[key])) : undefined;
  const byKey = new Map(old.map((item) => [keyOf(item), item]));
  return (item) => byKey.get(keyOf(item));
}
