/**
 * What the schema of a custom resource may say: the part of OpenAPI that Kubernetes understands, lists that
 * can be sets or maps, defaults that are themselves valid, rules that compile.
 *
 * In Kubernetes: validateCustomResourceDefinitionValidation and ValidateCustomResourceDefinitionOpenAPISchema in
 * staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go.
 * Differs: the cost of rules is not estimated.
 */
import { type FieldError, forbidden, invalidValue, notSupported } from "../field-error.ts";
import {
  type CustomSchema,
  childrenOf,
  isEmbedded,
  junctorsOf,
  META_FIELDS,
} from "./custom-schema.ts";
import { quoted } from "./go-syntax.ts";
import { listTypeErrors, mapTypeErrors } from "./list-type-validation.ts";
import { pruneValue } from "./pruning.ts";
import { rootErrors } from "./root-validation.ts";
import { rulesOf } from "./rules.ts";
import { validateStructural } from "./structural-validation.ts";
import { validateValue } from "./value-validation.ts";

const TYPES = ["array", "boolean", "integer", "number", "object", "string"];

const UNSUPPORTED: (keyof CustomSchema)[] = [
  "id",
  "additionalItems",
  "patternProperties",
  "definitions",
  "dependencies",
  "$ref",
];

export function validateSchema(
  schema: CustomSchema,
  path: string,
  hasStatus: boolean,
): FieldError[] {
  const errors = hasStatus ? rootErrors(schema, path) : [];
  if (schema.nullable) {
    errors.push(forbidden(`${path}.nullable`, "nullable cannot be true at the root"));
  }
  const structural = validateStructural(schema, path);
  const ofDefaults = structural.length === 0 ? defaultErrors(schema, path) : [];
  errors.push(...structural, ...ofDefaults, ...nodeErrors(schema, path, { isRoot: true }));
  if (errors.length > 0) return errors;
  return rulesOf().validate(schema, path);
}

interface Place {
  isRoot?: boolean;
  /** Why no default may stand here. */
  noDefaults?: string;
  isInMeta?: boolean;
}

function nodeErrors(schema: CustomSchema, path: string, place: Place): FieldError[] {
  const errors = ownErrors(schema, path, place);
  for (const [step, child] of [...childrenOf(schema), ...junctorsOf(schema)]) {
    errors.push(...nodeErrors(child, path + step, placeBelow(schema, step, place)));
  }
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    const why = "must be true or undefined";
    errors.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, why));
  }
  return [...errors, ...mapTypeErrors(schema, path), ...listTypeErrors(schema, path)];
}

function placeBelow(schema: CustomSchema, step: string, place: Place): Place {
  const { isRoot = false, ...below } = place;
  const name = /^\.properties\[(.*)\]$/.exec(step)?.[1];
  if (name !== undefined && META_FIELDS.includes(name) && (isRoot || isEmbedded(schema))) {
    const inTop = isRoot ? { noDefaults: `in top-level ${name}` } : {};
    return { ...below, ...inTop, isInMeta: true };
  }
  if (step === ".additionalProperties" && place.isInMeta) {
    return { ...below, noDefaults: "inside additionalProperties applying to object metadata" };
  }
  return below;
}

function ownErrors(schema: CustomSchema, path: string, place: Place): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (field: string, why: string) => errors.push(forbidden(`${path}.${field}`, why));
  const { type } = schema;
  if (type && !TYPES.includes(type)) errors.push(notSupported(`${path}.type`, type, TYPES));
  if (schema.default !== undefined && place.noDefaults) {
    refuse("default", `must not be set ${place.noDefaults}`);
  }
  for (const field of UNSUPPORTED) {
    if (schema[field] !== undefined) refuse(field, `${field} is not supported`);
  }
  if (type === "null") {
    refuse("type", "type cannot be set to null, use nullable as an alternative");
  }
  if (Array.isArray(schema.items)) {
    refuse("items", "items must be a schema object and not an array");
  }
  if (place.isInMeta && isEmbedded(schema)) {
    refuse("x-kubernetes-embedded-resource", "must not be used inside of resource meta");
  }
  if (schema.uniqueItems) {
    const why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    refuse("uniqueItems", why);
  }
  const hasBoth = Object.keys(schema.properties ?? {}).length > 0;
  if (
    schema.additionalProperties !== undefined &&
    hasBoth &&
    schema.additionalProperties !== true
  ) {
    const why = "additionalProperties and properties are mutual exclusive";
    refuse("additionalProperties", why);
  }
  return errors;
}

function defaultErrors(schema: CustomSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { default: value } = schema;
  if (value !== undefined && value !== null) {
    const at = `${path}.default`;
    if (pruneValue(structuredClone(value), schema).length > 0) {
      errors.push(invalidValue(at, quoted(value), "must not have unknown fields"));
    }
    errors.push(...validateValue(value, schema, at));
  }
  for (const [step, child] of childrenOf(schema)) {
    if (step !== ".additionalProperties") errors.push(...defaultErrors(child, path + step));
  }
  return errors;
}
