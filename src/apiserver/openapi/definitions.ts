/**
 * The types of the API as OpenAPI definitions: what `kubectl explain` prints and older kubectls
 * validate by. v2 and v3 differ in how they say "or" and where a reference may stand.
 *
 * In Kubernetes: kube-openapi/pkg/builder, builder3.
 */
import { descriptionOf, hasSchema, kindOfSchema, type Schema, schemaOf } from "../../api/schema.ts";
import { type GroupVersionKind, PATCH_BODY } from "./operations.ts";

export type Json = Record<string, unknown>;

export interface Dialect {
  /** "#/definitions/" or "#/components/schemas/" */
  references: string;
  /** Whether one-of can be said. */
  hasOneOf: boolean;
}

export const V2: Dialect = { references: "#/definitions/", hasOneOf: false };
export const V3: Dialect = { references: "#/components/schemas/", hasOneOf: true };

const PATCH_TEXT =
  "Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.";

/** `roots` and all types that they lead to. `kinds` are those that have no schema of their own. */
export function definitionsOf(
  roots: Iterable<string>,
  kinds: ReadonlyMap<string, GroupVersionKind>,
  dialect: Dialect,
): Record<string, Json> {
  const found = new Set(roots);
  for (const name of found) for (const next of referencesOf(name)) found.add(next);
  const names = [...found].sort();
  return Object.fromEntries(names.map((name) => [name, definition(name, kinds, dialect)]));
}

function referencesOf(name: string): string[] {
  if (!hasSchema(name)) return [];
  const refs: string[] = [];
  for (const field of Object.values(schemaOf(name).properties ?? {})) {
    let schema: Schema | undefined = field;
    for (; schema; schema = schema.items) if (schema.ref !== undefined) refs.push(schema.ref);
  }
  return refs;
}

function definition(
  name: string,
  kinds: ReadonlyMap<string, GroupVersionKind>,
  dialect: Dialect,
): Json {
  if (name === PATCH_BODY) return { description: PATCH_TEXT, type: "object" };
  if (!hasSchema(name)) return freeForm(kinds.get(name));
  const schema = schemaOf(name);
  const { description, properties: texts } = descriptionOf(name);
  if (schema.type !== "object") {
    return { ...(description && { description }), ...scalar(schema, dialect) };
  }
  const properties = Object.entries(schema.properties ?? {}).map(([field, fieldSchema]) => [
    field,
    property(fieldSchema, texts[field], dialect),
  ]);
  const kind = kindOfSchema(name);
  return {
    ...(description && { description }),
    type: "object",
    ...(schema.required && { required: schema.required }),
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
    ...(schema.mapType && { "x-kubernetes-map-type": schema.mapType }),
    ...(kind && { "x-kubernetes-group-version-kind": [groupVersionKind(kind)] }),
  };
}

/** A custom resource: any fields. */
function freeForm(kind: GroupVersionKind | undefined): Json {
  return { type: "object", ...(kind && { "x-kubernetes-group-version-kind": [kind] }) };
}

function groupVersionKind({ apiVersion, kind }: { apiVersion: string; kind: string }) {
  const [version, group = ""] = apiVersion.split("/").reverse();
  return { group, kind, version };
}

function property(schema: Schema, text: string | undefined, dialect: Dialect): Json {
  return { ...(text && { description: text }), ...typeOf(schema, dialect), ...extensions(schema) };
}

function typeOf(schema: Schema, dialect: Dialect): Json {
  if (schema.ref !== undefined) {
    const $ref = dialect.references + schema.ref;
    return dialect.hasOneOf ? { allOf: [{ $ref }] } : { $ref };
  }
  if (schema.type === "array") return { type: "array", items: element(schema.items!, dialect) };
  if (schema.type === "map") {
    return { type: "object", additionalProperties: element(schema.items!, dialect) };
  }
  return scalar(schema, dialect);
}

/** A reference may stand for an element as it is, also in v3. */
function element(schema: Schema, dialect: Dialect): Json {
  return schema.ref === undefined
    ? typeOf(schema, dialect)
    : { $ref: dialect.references + schema.ref };
}

function scalar({ type, format, ref }: Schema, { hasOneOf }: Dialect): Json {
  switch (format) {
    case "int-or-string":
      return hasOneOf
        ? { format, oneOf: [{ type: "integer" }, { type: "string" }] }
        : { type: "string", format };
    case "quantity":
      return hasOneOf ? { oneOf: [{ type: "string" }, { type: "number" }] } : { type: "string" };
    case "micro-time":
      return { type: "string", format: "date-time" };
  }
  if (type === "any") return ref !== undefined && /\.JSON/.test(ref) ? {} : { type: "object" };
  return { type, ...(format && { format }) };
}

function extensions(schema: Schema): Json {
  return {
    ...(schema.patchStrategy && {
      "x-kubernetes-patch-strategy": schema.patchStrategy.join(","),
    }),
    ...(schema.patchMergeKey && { "x-kubernetes-patch-merge-key": schema.patchMergeKey }),
    ...(schema.listType && { "x-kubernetes-list-type": schema.listType }),
    ...(schema.listMapKeys && { "x-kubernetes-list-map-keys": schema.listMapKeys }),
    ...(schema.mapType && !schema.ref && { "x-kubernetes-map-type": schema.mapType }),
  };
}
