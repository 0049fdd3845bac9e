/**
 * Pruning: what the schema does not name is dropped, so that nothing is stored that nobody has described.
 * `x-kubernetes-preserve-unknown-fields` keeps what stands at its node, and prunes on below its properties.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning/algorithm.go
 */
import {
  type CustomSchema,
  type Fields,
  isEmbedded,
  isFields,
  itemsOf,
  keepsUnknown,
  META_FIELDS,
  propertyOf,
  valuesOf,
} from "./custom-schema.ts";

/** Changes `obj`. Returns the paths of what was dropped: "spec.foo", "spec.items[2].bar". */
export function prune(obj: Fields, schema: CustomSchema): string[] {
  const dropped: string[] = [];
  pruneFields(obj, schema, "", dropped, true);
  return dropped;
}

/** The same for the value of one field: a default. */
export function pruneValue(value: unknown, schema: CustomSchema): string[] {
  const dropped: string[] = [];
  pruneBelow(value, schema, "", dropped);
  return dropped;
}

function pruneFields(
  obj: Fields,
  schema: CustomSchema,
  path: string,
  dropped: string[],
  isResource: boolean,
): void {
  const keepsAll = keepsUnknown(schema);
  for (const name of Object.keys(obj)) {
    if (isResource && META_FIELDS.includes(name)) continue;
    const at = path === "" ? name : `${path}.${name}`;
    const known = propertyOf(schema, name) ?? valuesOf(schema);
    if (known !== undefined) pruneBelow(obj[name], known, at, dropped);
    else if (!keepsAll && schema.additionalProperties !== true) {
      delete obj[name];
      dropped.push(at);
    }
  }
}

function pruneBelow(value: unknown, schema: CustomSchema, path: string, dropped: string[]): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items === undefined) return;
    for (const [i, one] of value.entries()) pruneBelow(one, items, `${path}[${i}]`, dropped);
  } else if (isFields(value)) {
    pruneFields(value, schema, path, dropped, isEmbedded(schema));
  }
}
