/**
 * Custom kinds as OpenAPI definitions: their schema, with the fields every object has. v2 cannot say all that a
 * schema may, and what it cannot say is left out.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/controller/openapi/{builder,v2}
 */
import type { Kind } from "../../api/kind.ts";
import { descriptionOf } from "../../api/schema.ts";
import type { Dialect, Json } from "./definitions.ts";
import { typeOf } from "./operations.ts";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const OBJECT_META = `${META}.ObjectMeta`;
const LIST_META = `${META}.ListMeta`;
/** What custom definitions lead to. */
export const CUSTOM_ROOTS = [OBJECT_META, LIST_META];

/** What v2 has no words for. */
const NOT_IN_V2 = new Set([
  "nullable",
  "oneOf",
  "anyOf",
  "allOf",
  "not",
  "default",
  "x-kubernetes-validations",
]);

export function customDefinitions(kind: Kind, dialect: Dialect): Record<string, Json> {
  const { group, version, listKind } = kind;
  const type = typeOf(kind);
  const schema = dialect.hasOneOf
    ? (kind.custom!.schema() as Json)
    : inV2(kind.custom!.schema() as Json);
  const gvk = (name: string) => ({
    "x-kubernetes-group-version-kind": [{ group, kind: name, version }],
  });
  const { properties = {}, ...rest } = schema as { properties?: Json };
  const items = { $ref: dialect.references + type };
  return {
    [type]: {
      ...rest,
      properties: { ...properties, ...commonFields(OBJECT_META, dialect) },
      ...gvk(kind.kind),
    },
    [`${type}List`]: {
      description: `${listKind} is a list of ${kind.kind}`,
      type: "object",
      required: ["items"],
      properties: {
        ...commonFields(LIST_META, dialect),
        items: {
          description: `List of ${kind.plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`,
          type: "array",
          items,
        },
      },
      ...gvk(listKind ?? `${kind.kind}List`),
    },
  };
}

function commonFields(meta: string, { references, hasOneOf }: Dialect): Json {
  const { properties: texts } = descriptionOf("io.k8s.api.core.v1.Pod");
  const $ref = references + meta;
  const description =
    "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";
  return {
    apiVersion: { description: texts.apiVersion, type: "string" },
    kind: { description: texts.kind, type: "string" },
    metadata: hasOneOf ? { description, allOf: [{ $ref }] } : { $ref, description },
  };
}

function inV2(schema: Json): Json {
  const said = Object.entries(schema).filter(([field]) => !NOT_IN_V2.has(field));
  const result: Json = Object.fromEntries(said);
  const isFree = schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (isFree || schema["x-kubernetes-int-or-string"] === true || schema.nullable === true) {
    for (const field of ["type", "items", "properties"]) delete result[field];
  }
  if (result.properties !== undefined) result.properties = eachInV2(result.properties as Json);
  if (result.items !== undefined) result.items = inV2(result.items as Json);
  const values = result.additionalProperties;
  if (typeof values === "object") result.additionalProperties = inV2(values as Json);
  else delete result.additionalProperties;
  return result;
}

function eachInV2(properties: Json): Json {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, inV2(property as Json)]),
  );
}
