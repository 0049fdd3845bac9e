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
import { embeddedErrors } from "./embedded-validation.ts";
import { combinationErrors } from "./value-validation/combination-rules.ts";
import { listErrors } from "./value-validation/list-rules.ts";
import { numberErrors } from "./value-validation/number-rules.ts";
import { objectErrors } from "./value-validation/object-rules.ts";
import { repetitionErrors } from "./value-validation/repetition-rules.ts";
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
  const below = () => errorsBelow(value, schema, path, old);
  return [
    ...typeErrors(value, schema, path),
    ...combinationErrors(value, schema, path, validateValue),
    ...stringErrors(value, schema, path),
    ...numberErrors(value, schema, path),
    ...listErrors(value, schema, path, below),
    ...enumErrors(value, schema, path),
    ...objectErrors(value, schema, path, below),
  ];
}

/** The whole object. apiVersion, kind and metadata are judged elsewhere; `ofScale` is told in its place. */
export function validateFields(
  obj: object,
  schema: CustomSchema,
  old?: object,
  ofScale: FieldError[] = [],
): FieldError[] {
  const { properties = {}, ...rest } = schema;
  const own = Object.fromEntries(
    Object.entries(properties).filter(
      ([name]) => !META_FIELDS.includes(name) || name === "metadata",
    ),
  );
  const repeated = old === undefined ? [] : repetitionErrors(old, schema, "");
  return [
    ...validateValue(obj, { ...rest, properties: own }, "", old),
    ...ofScale,
    ...embeddedErrors(obj, schema, ""),
    // Where something was in a list twice already, it may go on so.
    ...(repeated.length > 0 ? [] : repetitionErrors(obj, schema, "")),
  ];
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
