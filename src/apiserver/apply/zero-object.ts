/**
 * The object before it was: what Go writes of a struct that nobody has filled in. A struct in a struct is
 * there, though empty, so whoever creates an object does not own its `spec`, only what is in it; the owner
 * of a pod's label owns `labels` too, for that is a map and was not there.
 *
 * In Kubernetes: scope.Creater.New in apiserver/pkg/endpoints/handlers/create.go, and the types of
 * staging/src/k8s.io/api with and without `omitempty` and `*`.
 */
import { type Schema, schemaOf, shortNameOf } from "../../api/schema.ts";

/** Fields that hold a struct, not a pointer to one, wherever a kind's own fields lead to them. */
const STRUCTS = new Set([
  "jobTemplate",
  "metadata",
  "resources",
  "selector",
  "source",
  "spec",
  "status",
  "strategy",
  "template",
  "updateStrategy",
]);

/** Of that name, but a pointer. */
const POINTERS = new Set(["core.v1.ReplicationControllerSpec.template"]);

const zeros = new WeakMap<Schema, Record<string, unknown>>();

/** Not to be changed: there is one for each kind. What has no schema is `{}`. */
export function zeroObjectOf(schema: Schema): Readonly<Record<string, unknown>> {
  let zero = zeros.get(schema);
  if (zero === undefined) {
    zero = schema.ref === undefined ? {} : zeroOf(schema);
    zeros.set(schema, zero);
  }
  return zero;
}

function zeroOf(schema: Schema): Record<string, unknown> {
  const type = schema.properties ? schema : schemaOf(schema.ref!);
  const zero: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(type.properties ?? {})) {
    const isRequired = type.required?.includes(name) ?? false;
    if (field.type === "array" && isRequired) zero[name] = null;
    if (field.type !== "object" || field.ref === undefined) continue;
    const isPointer = POINTERS.has(`${shortNameOf(type.ref ?? "")}.${name}`);
    if ((isRequired || STRUCTS.has(name)) && !isPointer) zero[name] = zeroOf(field);
  }
  return zero;
}
