/**
 * An update of the object itself or of a part of it: what each may change, and what has to be valid then.
 *
 * In Kubernetes: PrepareForUpdate and ValidateUpdate of the strategies in pkg/registry/<group>/<kind>/strategy.go
 */
import { conflict, invalid } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { validateObjectMetaUpdate } from "../api/metadata-validation.ts";

/** Of the main resource status is kept, of the status all else, unless the kind knows better. */
export function prepareUpdate(
  kind: Kind,
  obj: KubeObject,
  old: KubeObject,
  subresource: string,
): void {
  if (subresource === "status") {
    if (kind.prepareForStatusUpdate) kind.prepareForStatusUpdate(obj, old);
    else keepAllButStatus(obj, old);
  }
  if (subresource !== "") return;
  if (kind.hasStatus) keepStatus(obj, old);
  kind.prepareForUpdate?.(obj, old);
  const isSame = kind.custom
    ? kind.custom.isSameGeneration(obj, old)
    : JSON.stringify(obj.spec) === JSON.stringify(old.spec);
  if (kind.hasGeneration && !isSame) {
    obj.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
}

function keepStatus(obj: KubeObject, old: KubeObject): void {
  if (old.status === undefined) delete obj.status;
  else obj.status = old.status;
}

/** metadata too may be changed through /status, but for what another would act on. */
function keepAllButStatus(obj: KubeObject, old: KubeObject): void {
  const { status, metadata } = obj;
  for (const field of Object.keys(obj)) delete (obj as unknown as Record<string, unknown>)[field];
  Object.assign(obj, old, { metadata }, status === undefined ? {} : { status });
  if (status === undefined) delete obj.status;
}

export function validateUpdate(
  kind: Kind,
  obj: KubeObject,
  old: KubeObject,
  subresource: string,
  askedAs?: Kind,
): void {
  const errors = validateObjectMetaUpdate(
    obj.metadata,
    old.metadata,
    "metadata",
    kind.takesBareFinalizers,
  );
  if (subresource === "") {
    // What a custom kind has to say of an update, it says knowing what was there before.
    const isChangeAll = kind.custom !== undefined || kind.updatesAreJudgedAlone;
    const itself = isChangeAll ? [] : (kind.validate?.(obj, askedAs) ?? []);
    const change = kind.validateUpdate?.(obj, old, askedAs) ?? [];
    errors.push(...(kind.isChangeJudgedFirst ? [...change, ...itself] : [...itself, ...change]));
  }
  if (subresource === "status") errors.push(...(kind.validateStatusUpdate?.(obj, old) ?? []));
  if (errors.length > 0) throw invalid(kind, obj.metadata.name, errors);
}

/** An update that names a version is of that one. */
export function checkResourceVersion(kind: Kind, obj: KubeObject, revision: number): void {
  const { name, resourceVersion = "" } = obj.metadata;
  if (resourceVersion !== "" && resourceVersion !== "0") {
    if (resourceVersion !== String(revision)) throw conflict(kind, name);
    return;
  }
  if (!kind.needsResourceVersion) return;
  // Go prints this one number in hexadecimal.
  const message = "Invalid value: 0x0: must be specified for an update";
  const error = {
    reason: "FieldValueInvalid" as const,
    field: "metadata.resourceVersion",
    message,
  };
  throw invalid({ group: kind.group, kind: kind.plural }, name, [error]);
}
