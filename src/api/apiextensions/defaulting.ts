/**
 * Defaults of a custom resource: put in wherever a property is absent, and wherever it is null but may not
 * be. A default may itself hold objects that get defaults. A null that may not be and has no default is as good as
 * absent: it is dropped.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting/{algorithm,prunenulls}.go
 */
import { type CustomSchema, isFields, itemsOf, propertyOf, valuesOf } from "./custom-schema.ts";

/** Changes `value`. */
export function setCustomDefaults(value: unknown, schema: CustomSchema): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items === undefined) return;
    for (const [i, one] of value.entries()) {
      if (one === null && mustBeReplaced(items)) value[i] = structuredClone(items.default);
      setCustomDefaults(value[i], items);
    }
  } else if (isFields(value)) {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const isAbsent = !Object.hasOwn(value, name);
      if (property.default === undefined) continue;
      if (isAbsent || (value[name] === null && !property.nullable)) {
        value[name] = structuredClone(property.default);
      }
    }
    for (const name of Object.keys(value)) {
      const below = propertyOf(schema, name) ?? valuesOf(schema);
      if (below === undefined) continue;
      if (value[name] === null && !below.nullable) {
        if (below.default === undefined) {
          delete value[name];
          continue;
        }
        value[name] = structuredClone(below.default);
      }
      setCustomDefaults(value[name], below);
    }
  }
}

/** Nulls that may not be there and have a default are replaced by it, and are never seen by validation. */
function mustBeReplaced({ nullable, default: value }: CustomSchema): boolean {
  return !nullable && value !== undefined;
}
