/**
 * Of what kind lists and maps are: sets and maps need elements that can be told apart.
 *
 * In Kubernetes: the x-kubernetes-list-type part of ValidateCustomResourceDefinitionOpenAPISchema, and
 * validateMapListKeysMapSet, in pkg/apis/apiextensions/validation/validation.go
 */
import {
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from "../field-error.ts";
import { type CustomSchema, itemsOf, propertyOf } from "./custom-schema.ts";

const LIST_TYPES = ["atomic", "set", "map"];
const MAP_TYPES = ["atomic", "granular"];

export function mapTypeErrors(schema: CustomSchema, path: string): FieldError[] {
  const mapType = schema["x-kubernetes-map-type"];
  if (mapType === undefined) return [];
  const errors = mustBe("object", schema, path, "x-kubernetes-map-type");
  if (MAP_TYPES.includes(mapType)) return errors;
  return [...errors, notSupported(`${path}.x-kubernetes-map-type`, mapType, MAP_TYPES)];
}

export function listTypeErrors(schema: CustomSchema, path: string): FieldError[] {
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const at = `${path}.x-kubernetes-list-type`;
  const errors: FieldError[] = [];
  if (listType !== undefined) {
    if (schema.type !== "array") {
      errors.push(...mustBe("array", schema, path, "x-kubernetes-list-type"));
    } else if (listType === "set") errors.push(...setErrors(schema, path));
    if (!LIST_TYPES.includes(listType)) errors.push(notSupported(at, listType, LIST_TYPES));
  }
  if (keys.length > 0 && listType !== "map") {
    const why = "must be map if x-kubernetes-list-map-keys is non-empty";
    errors.push(listType === undefined ? required(at, why) : invalidValue(at, listType, why));
  }
  if (listType === "map") errors.push(...mapErrors(schema, keys, path));
  if (listType === "set" || listType === "map") errors.push(...nullErrors(schema, listType, path));
  return errors;
}

function mustBe(type: string, schema: CustomSchema, path: string, because: string): FieldError[] {
  if (schema.type === type) return [];
  const why = `must be ${type} if ${because} is specified`;
  const at = `${path}.type`;
  return [schema.type ? invalidValue(at, schema.type, why) : required(at, why)];
}

/** Elements of a set are compared as a whole, so they must be one. */
function setErrors(schema: CustomSchema, path: string): FieldError[] {
  const items = itemsOf(schema);
  const why = "must be atomic as item of a list with x-kubernetes-list-type=set";
  const listType = items?.["x-kubernetes-list-type"];
  if (items?.type === "array" && listType !== undefined && listType !== "atomic") {
    return [invalidValue(`${path}.items.x-kubernetes-list-type`, listType, why)];
  }
  if (items?.type === "object" && items["x-kubernetes-map-type"] !== "atomic") {
    return [invalidValue(`${path}.items.x-kubernetes-map-type`, listType, why)];
  }
  return [];
}

function mapErrors(schema: CustomSchema, keys: string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const at = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) {
    errors.push(required(at, "must not be empty if x-kubernetes-list-type is map"));
  }
  const items = itemsOf(schema);
  if (items === undefined) {
    const why = "must have a schema if x-kubernetes-list-type is map";
    return [...errors, required(`${path}.items`, why)];
  }
  if (items.type !== "object") {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    return [...errors, invalidValue(`${path}.items.type`, items.type ?? "", why)];
  }
  for (const [i, key] of keys.entries()) {
    const property = propertyOf(items, key);
    if (property === undefined) {
      errors.push(invalidValue(at, keys, "entries must all be names of item properties"));
    } else if (property.type === "array" || property.type === "object") {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalidValue(`${path}.items.properties[${key}].type`, items.type, why));
    }
    if (keys.indexOf(key) < i) {
      errors.push(invalidValue(at, keys, "must not contain duplicate entries"));
    }
  }
  return errors;
}

/** What elements are told apart by must be there. */
function nullErrors(schema: CustomSchema, listType: string, path: string): FieldError[] {
  const items = itemsOf(schema);
  const errors: FieldError[] = [];
  if (items?.nullable) {
    const why = `cannot be nullable when x-kubernetes-list-type is ${listType}`;
    errors.push(forbidden(`${path}.items.nullable`, why));
  }
  if (items === undefined || listType !== "map") return errors;
  for (const key of schema["x-kubernetes-list-map-keys"] ?? []) {
    const property = propertyOf(items, key);
    if (property === undefined) continue;
    const at = `${path}.items.properties[${key}]`;
    if (!items.required?.includes(key) && property.default === undefined) {
      const why =
        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
      errors.push(required(`${at}.default`, why));
    }
    if (property.nullable) {
      const why = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
      errors.push(forbidden(`${at}.nullable`, why));
    }
  }
  return errors;
}
