/**
 * The schema of a custom resource, as its author wrote it: a JSON Schema with a few extensions of
 * Kubernetes. Here are the questions all its readers ask of one node.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema (Structural).
 */
import type { JSONSchemaProps, ValidationRule } from "kubernetes-types/apiextensions/v1.js";

export type CustomSchema = Omit<
  JSONSchemaProps,
  | "items"
  | "additionalProperties"
  | "properties"
  | "allOf"
  | "anyOf"
  | "oneOf"
  | "not"
  | "default"
  | "enum"
> & {
  items?: CustomSchema | CustomSchema[];
  additionalProperties?: CustomSchema | boolean;
  properties?: Record<string, CustomSchema>;
  allOf?: CustomSchema[];
  anyOf?: CustomSchema[];
  oneOf?: CustomSchema[];
  not?: CustomSchema;
  default?: unknown;
  enum?: unknown[];
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  "x-kubernetes-embedded-resource"?: boolean;
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-list-type"?: string;
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-map-type"?: string;
  "x-kubernetes-validations"?: ValidationRule[];
};

export type Fields = Record<string, unknown>;

/** What stands in metadata, apiVersion and kind is Kubernetes' own, at the root and in an embedded resource. */
export const META_FIELDS = ["apiVersion", "kind", "metadata"];

/** The schema of a list's elements. */
export function itemsOf({ items }: CustomSchema): CustomSchema | undefined {
  return Array.isArray(items) ? undefined : items;
}

/** The schema of a map's values. */
export function valuesOf({ additionalProperties }: CustomSchema): CustomSchema | undefined {
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}

/** The schema of one property; undefined where there is none of its own. */
export function propertyOf({ properties }: CustomSchema, name: string): CustomSchema | undefined {
  return properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

export function keepsUnknown(schema: CustomSchema): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true;
}

export function isEmbedded(schema: CustomSchema): boolean {
  return schema["x-kubernetes-embedded-resource"] === true;
}

export function isIntOrString(schema: CustomSchema): boolean {
  return schema["x-kubernetes-int-or-string"] === true;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The nodes below one, each with its step of the path: properties first, then items, then values. */
export function childrenOf(schema: CustomSchema): [step: string, child: CustomSchema][] {
  const children: [string, CustomSchema][] = Object.entries(schema.properties ?? {}).map(
    ([name, child]) => [`.properties[${name}]`, child],
  );
  const items = itemsOf(schema);
  if (items !== undefined) children.push([".items", items]);
  const values = valuesOf(schema);
  if (values !== undefined) children.push([".additionalProperties", values]);
  return children;
}

/** The nodes that judge the same value: allOf, anyOf, oneOf, not. */
export function junctorsOf(schema: CustomSchema): [step: string, child: CustomSchema][] {
  const listed = (["allOf", "anyOf", "oneOf"] as const).flatMap((name) =>
    (schema[name] ?? []).map((child, i): [string, CustomSchema] => [`.${name}[${i}]`, child]),
  );
  return schema.not === undefined ? listed : [...listed, [".not", schema.not]];
}
