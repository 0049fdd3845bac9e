/**
 * Objects of Kubernetes inside a custom object ("x-kubernetes-embedded-resource"): they say of what kind they
 * are, and their metadata is judged as any.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta/validation.go
 */
import type { ObjectMeta } from "kubernetes-types/meta/v1.js";
import { type FieldError, invalidValue, required } from "../field-error.ts";
import { validateObjectMeta } from "../metadata-validation.ts";
import { dns1035LabelErrors, pathSegmentErrors } from "../names.ts";
import {
  type CustomSchema,
  type Fields,
  isEmbedded,
  isFields,
  itemsOf,
  propertyOf,
  valuesOf,
} from "./custom-schema.ts";
import { quoted } from "./go-syntax.ts";

export function embeddedErrors(value: unknown, schema: CustomSchema, path: string): FieldError[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items === undefined) return [];
    return value.flatMap((one, i) => embeddedErrors(one, items, `${path}[${i}]`));
  }
  if (!isFields(value)) return [];
  const own = isEmbedded(schema) ? resourceErrors(value, path) : [];
  const below = Object.entries(value).flatMap(([name, one]) => {
    const property = propertyOf(schema, name);
    if (property) return embeddedErrors(one, property, path === "" ? name : `${path}.${name}`);
    const values = valuesOf(schema);
    return values ? embeddedErrors(one, values, `${path}[${name}]`) : [];
  });
  return [...own, ...below];
}

function resourceErrors(resource: Fields, path: string): FieldError[] {
  const { apiVersion, kind, metadata } = resource;
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries({ apiVersion, kind })) {
    if (value === undefined) errors.push(required(`${path}.${name}`, "must not be empty"));
  }
  if (apiVersion !== undefined) errors.push(...versionErrors(apiVersion, `${path}.apiVersion`));
  if (kind !== undefined) errors.push(...kindErrors(kind, `${path}.kind`));
  if (isFields(metadata)) errors.push(...metadataErrors(metadata, `${path}.metadata`));
  return errors;
}

function versionErrors(version: unknown, path: string): FieldError[] {
  if (typeof version !== "string") return [invalidValue(path, quoted(version), "must be a string")];
  if (version === "") return [invalidValue(path, version, "must not be empty")];
  if (version.split("/").length <= 2) return [];
  return [invalidValue(path, version, `unexpected GroupVersion string: ${version}`)];
}

function kindErrors(kind: unknown, path: string): FieldError[] {
  if (typeof kind !== "string") return [invalidValue(path, quoted(kind), "must be a string")];
  if (kind === "") return [invalidValue(path, kind, "must not be empty")];
  const wrong = dns1035LabelErrors(kind.toLowerCase());
  if (wrong.length === 0) return [];
  const why = `may have mixed case, but should otherwise match: ${wrong.join(",")}`;
  return [invalidValue(path, kind, why)];
}

/** It needs no name, and is in a namespace or not. */
function metadataErrors(metadata: ObjectMeta, path: string): FieldError[] {
  const namespaced = (metadata.namespace ?? "") !== "";
  const named = { ...metadata, name: metadata.name || "fakename" };
  return validateObjectMeta(named, { namespaced, validateName: pathSegmentErrors }, path);
}
