/**
 * Structural: what can be at a place is said at that place alone, and allOf, anyOf, oneOf and not only narrow
 * it further. So pruning, defaulting and server-side apply need not guess.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/{validation,complete}.go
 */
import { isDeepStrictEqual } from "node:util";
import { type FieldError, forbidden, invalidValue, required, wordingOf } from "../field-error.ts";
import {
  type CustomSchema,
  childrenOf,
  isEmbedded,
  isIntOrString,
  itemsOf,
  junctorsOf,
  keepsUnknown,
  propertyOf,
} from "./custom-schema.ts";
import { whyNotGoRegExp } from "./go-regexp.ts";

type Level = "root" | "item" | "field";

const INT_OR_STRING = [{ type: "integer" }, { type: "string" }];
const WHERE: Record<Level, string> = {
  root: "must not be empty at the root",
  item: "must not be empty for specified array items",
  field: "must not be empty for specified object fields",
};

/** What only a place's own schema may say, and in which words a junctor is told so. */
const OF_PLACES: [field: keyof CustomSchema, why: string][] = [
  ["additionalProperties", "must be undefined to be structural"],
  ["default", "must be undefined to be structural"],
  ["title", "must be empty to be structural"],
  ["description", "must be empty to be structural"],
  ["nullable", "must be false to be structural"],
  ["x-kubernetes-preserve-unknown-fields", "must be false to be structural"],
  ["x-kubernetes-embedded-resource", "must be false to be structural"],
  ["x-kubernetes-int-or-string", "must be false to be structural"],
  ["x-kubernetes-list-map-keys", "must be empty to be structural"],
  ["x-kubernetes-list-type", "must be undefined to be structural"],
  ["x-kubernetes-map-type", "must be undefined to be structural"],
  ["x-kubernetes-validations", "must be empty to be structural"],
];

export function validateStructural(schema: CustomSchema, path: string): FieldError[] {
  const errors = [...placeErrors(schema, "root", path), ...completenessErrors(schema, path)];
  return errors.toSorted((a, b) => (wordingOf(a) < wordingOf(b) ? -1 : 1));
}

function placeErrors(schema: CustomSchema, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.type === "array" && itemsOf(schema) === undefined) {
    errors.push(required(`${path}.items`, "must be specified"));
  }
  if (level === "root" && schema.additionalProperties !== undefined) {
    errors.push(forbidden(`${path}.additionalProperties`, "must not be used at the root"));
  }
  for (const [step, child] of childrenOf(schema)) {
    errors.push(...placeErrors(child, step === ".items" ? "item" : "field", path + step));
  }
  return [
    ...errors,
    ...extensionErrors(schema, path),
    ...junctorErrors(schema, path),
    ...typeErrors(schema, level, path),
    ...metaErrors(schema, level, path),
  ];
}

function extensionErrors(schema: CustomSchema, path: string): FieldError[] {
  const why = "must be false if x-kubernetes-int-or-string is true";
  if (!isIntOrString(schema)) return [];
  return [
    ...(keepsUnknown(schema)
      ? [invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, true, why)]
      : []),
    ...(isEmbedded(schema)
      ? [invalidValue(`${path}.x-kubernetes-embedded-resource`, true, why)]
      : []),
  ];
}

function typeErrors(schema: CustomSchema, level: Level, path: string): FieldError[] {
  const { type = "" } = schema;
  const at = `${path}.type`;
  const errors: FieldError[] = [];
  if (isEmbedded(schema) && type !== "object") {
    const why = "must be object if x-kubernetes-embedded-resource is true";
    errors.push(type === "" ? required(at, why) : invalidValue(at, type, why));
  } else if (type === "" && !isIntOrString(schema) && !keepsUnknown(schema)) {
    errors.push(required(at, WHERE[level]));
  }
  if (level === "root" && type !== "" && type !== "object") {
    errors.push(invalidValue(at, type, "must be object at the root"));
  }
  return errors;
}

function metaErrors(schema: CustomSchema, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const isResource = level === "root" || isEmbedded(schema);
  const at = (name: string) => `${path}.properties[${name}]`;
  for (const name of ["kind", "apiVersion"]) {
    const type = propertyOf(schema, name)?.type ?? "";
    if (!isResource || !propertyOf(schema, name) || type === "string") continue;
    errors.push(invalidValue(`${at(name)}.type`, type, "must be string"));
  }
  const metadata = propertyOf(schema, "metadata");
  if (metadata && isResource && metadata.type !== "object") {
    errors.push(invalidValue(`${at("metadata")}.type`, metadata.type ?? "", "must be object"));
  }
  if (metadata && level === "root" && !saysNoMore(metadata)) {
    const why =
      "must not specify anything other than name and generateName, but metadata is implicitly specified";
    errors.push(forbidden(at("metadata"), why));
  }
  if (isEmbedded(schema) && schema.additionalProperties !== undefined) {
    const why = "must not be used if x-kubernetes-embedded-resource is set";
    errors.push(forbidden(`${path}.additionalProperties`, why));
  }
  if (isEmbedded(schema) && !keepsUnknown(schema) && !Object.keys(schema.properties ?? {}).length) {
    const why =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
    errors.push(required(`${path}.properties`, why));
  }
  return errors;
}

function saysNoMore({ properties = {}, type: _, default: __, ...rest }: CustomSchema): boolean {
  const others = Object.keys(properties).filter(
    (name) => name !== "name" && name !== "generateName",
  );
  return others.length === 0 && Object.keys(rest).length === 0;
}

/** An int-or-string may say so in an anyOf as well. */
function isIntOrStringChoice(schema: CustomSchema, step: string): boolean {
  if (isDeepStrictEqual(schema.anyOf, INT_OR_STRING)) return step.startsWith(".anyOf");
  return step === ".allOf[0]" && isDeepStrictEqual(schema.allOf?.[0]?.anyOf, INT_OR_STRING);
}

function junctorErrors(schema: CustomSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const bad = schema.pattern ? whyNotGoRegExp(schema.pattern) : undefined;
  if (bad !== undefined) {
    const why = `must be a valid regular expression, but isn't: ${bad}`;
    errors.push(invalidValue(`${path}.pattern`, schema.pattern, why));
  }
  for (const [step, child] of junctorsOf(schema)) {
    if (isIntOrStringChoice(schema, step)) continue;
    errors.push(...nestedErrors(child, path + step));
  }
  return errors;
}

function nestedErrors(schema: CustomSchema, path: string): FieldError[] {
  const errors = junctorErrors(schema, path);
  for (const [step, child] of childrenOf(schema)) errors.push(...nestedErrors(child, path + step));
  if (schema.type) errors.push(forbidden(`${path}.type`, "must be empty to be structural"));
  for (const [field, why] of OF_PLACES) {
    const value = schema[field];
    const isSaid = Array.isArray(value) ? value.length > 0 : field === "default" || Boolean(value);
    if (value !== undefined && isSaid) errors.push(forbidden(`${path}.${field}`, why));
  }
  if (propertyOf(schema, "metadata")) {
    const why = "must not be specified in a nested context";
    errors.push(forbidden(`${path}.properties[metadata]`, why));
  }
  return errors;
}

/** Whatever a junctor names must be a place of the structure as well. */
function completenessErrors(schema: CustomSchema, path: string): FieldError[] {
  return [
    ...junctorsOf(schema).flatMap(([step, child]) =>
      missingPlaces(child, schema, path, path + step),
    ),
    ...childrenOf(schema).flatMap(([step, child]) => completenessErrors(child, path + step)),
  ];
}

/** `from` is the path of what is nested. */
function missingPlaces(
  nested: CustomSchema,
  schema: CustomSchema,
  path: string,
  from: string,
): FieldError[] {
  const errors = junctorsOf(nested).flatMap(([step, child]) =>
    missingPlaces(child, schema, path, from + step),
  );
  for (const [step, child] of childrenOf(nested)) {
    const place = childrenOf(schema).find(([at]) => at === step)?.[1];
    if (place !== undefined) errors.push(...missingPlaces(child, place, path + step, from + step));
    else errors.push(required(path + step, `because it is defined in ${from}${step}`));
  }
  return errors;
}
