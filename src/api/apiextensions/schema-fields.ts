/**
 * The schema of a custom kind as the rest of the program reads schemas: for server-side apply, which has to
 * know what is a list of what kind.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder, from which
 * managedfields.NewGVKParser makes its types.
 */
import type { Schema } from "../schema.ts";
import type { CustomResourceDefinition } from "./custom-resource-definition.ts";
import {
  type CustomSchema,
  isEmbedded,
  isIntOrString,
  itemsOf,
  keepsUnknown,
  valuesOf,
} from "./custom-schema.ts";

const ANYTHING: Schema = { type: "any" };
const META: Record<string, Schema> = {
  apiVersion: { type: "string" },
  kind: { type: "string" },
  metadata: { type: "object", ref: "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" },
};

/** The fields of objects of one version. */
export function schemaOfVersion(definition: CustomResourceDefinition, version: string): Schema {
  const found = definition.spec.versions.find(({ name }) => name === version);
  const schema = found?.schema?.openAPIV3Schema ?? { type: "object" };
  return { ...objectOf(schema), properties: { ...propertiesOf(schema), ...META } };
}

function fieldsOf(schema: CustomSchema): Schema {
  if (isIntOrString(schema)) return { type: "string", format: "int-or-string" };
  switch (schema.type) {
    case "object":
      return objectOf(schema);
    case "array":
      return listOf(schema);
    case "boolean":
    case "integer":
    case "number":
    case "string":
      return { type: schema.type };
  }
  return ANYTHING;
}

function objectOf(schema: CustomSchema): Schema {
  const mapType =
    schema["x-kubernetes-map-type"] === "atomic" ? { mapType: "atomic" as const } : {};
  const values = valuesOf(schema);
  if (values !== undefined) return { type: "map", items: fieldsOf(values), ...mapType };
  const properties = propertiesOf(schema);
  const isFree = keepsUnknown(schema) || schema.additionalProperties === true;
  if (isFree && Object.keys(properties).length === 0 && !isEmbedded(schema)) {
    return { type: "map", items: ANYTHING, ...mapType };
  }
  return {
    type: "object",
    properties: isEmbedded(schema) ? { ...properties, ...META } : properties,
    ...(schema.required ? { required: schema.required } : {}),
    ...mapType,
  };
}

function propertiesOf({ properties = {} }: CustomSchema): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, fieldsOf(property)]),
  );
}

function listOf(schema: CustomSchema): Schema {
  const listType = (schema["x-kubernetes-list-type"] ?? "atomic") as "atomic" | "set" | "map";
  const keys = schema["x-kubernetes-list-map-keys"];
  return {
    type: "array",
    items: fieldsOf(itemsOf(schema) ?? {}),
    listType,
    ...(keys === undefined ? {} : { listMapKeys: keys }),
  };
}
