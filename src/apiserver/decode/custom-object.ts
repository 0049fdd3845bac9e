/**
 * An object of a custom kind: its metadata has types as everybody's, the rest only the shape its schema gives
 * it. What the schema does not know is dropped, and told as strict decoding tells of unknown fields.
 *
 * In Kubernetes: schemaCoercingDecoder in
 * staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go
 */
import { apiVersionOf, type CustomForm, type KubeObject } from "../../api/kind.ts";
import { schemaOf } from "../../api/schema.ts";
import type { ActualKind } from "./known-kinds.ts";
import { TypeMismatchError } from "./type-mismatch.ts";
import { isObject, toTypedValue } from "./typed-value.ts";

const OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/** Throws a TypeMismatchError. `value` is changed: it is a copy already. */
export function toCustomObject(
  value: unknown,
  said: ActualKind,
  custom: CustomForm,
): { object: KubeObject; strictErrors: string[] } {
  if (!isObject(value)) throw new TypeMismatchError("Object 'Kind' is missing in 'null'");
  const { kind: _, apiVersion: __, metadata, ...fields } = value;
  const meta = typedMeta(metadata);
  const object = {
    kind: said.kind,
    apiVersion: apiVersionOf(said),
    metadata: meta.value,
    ...fields,
  } as KubeObject;
  const unknown = custom.prune(object).map((path) => `unknown field "${path}"`);
  return { object, strictErrors: [...meta.strictErrors, ...unknown] };
}

function typedMeta(metadata: unknown) {
  if (metadata === undefined || metadata === null) return { value: {}, strictErrors: [] };
  const { value, strictErrors } = toTypedValue(metadata, schemaOf(OBJECT_META));
  return {
    value,
    strictErrors: strictErrors.map((error) => error.replace(' field "', ' field "metadata.')),
  };
}
