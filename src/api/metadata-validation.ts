/**
 * What every object's metadata must look like: its name by the rule of its kind, a namespace where
 * and only where the kind has one, well-formed labels, annotations, owners and finalizers.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go
 */
import type { ObjectMeta, OwnerReference } from "kubernetes-types/meta/v1.js";
import {
  type FieldError,
  forbidden,
  GoStruct,
  invalidValue,
  required,
  tooLong,
} from "./field-error.ts";
import type { Kind } from "./kind.ts";
import {
  dns1123LabelErrors,
  labelValueErrors,
  nameIsDns1123Subdomain,
  qualifiedNameErrors,
} from "./names.ts";

const MOST_ANNOTATION_BYTES = 256 * 1024;
const STANDARD_FINALIZERS = ["kubernetes", "orphan", "foregroundDeletion"];
const IMMUTABLE = "field is immutable";

/** The part of a kind that decides what its metadata may be. */
type NamedKind = Pick<Kind, "namespaced" | "validateName" | "takesBareFinalizers">;

export function validateObjectMeta(
  meta: ObjectMeta,
  kind: NamedKind,
  path = "metadata",
): FieldError[] {
  return [
    ...nameErrors(meta, kind.validateName ?? nameIsDns1123Subdomain, path),
    ...namespaceErrors(meta.namespace ?? "", kind.namespaced, path),
    ...generationErrors(meta.generation ?? 0, path),
    ...validateLabels(meta.labels ?? {}, `${path}.labels`),
    ...validateAnnotations(meta.annotations ?? {}, `${path}.annotations`),
    ...ownerErrors(meta.ownerReferences ?? [], `${path}.ownerReferences`),
    ...finalizerErrors(meta.finalizers ?? [], `${path}.finalizers`, kind.takesBareFinalizers),
  ];
}

export function validateObjectMetaUpdate(
  meta: ObjectMeta,
  old: ObjectMeta,
  path = "metadata",
  takesBareFinalizers = false,
): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp) errors.push(...newFinalizerErrors(meta, old, path));
  if (!meta.resourceVersion) {
    const wrong = "must be specified for an update";
    errors.push(invalidValue(`${path}.resourceVersion`, meta.resourceVersion ?? "", wrong));
  }
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(
      invalidValue(`${path}.generation`, meta.generation ?? 0, "must not be decremented"),
    );
  }
  const lasting = [
    "name",
    "namespace",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
  ] as const;
  for (const name of lasting) {
    const value = meta[name];
    if (value !== old[name]) errors.push(invalidValue(`${path}.${name}`, value, IMMUTABLE));
  }
  return [
    ...errors,
    ...validateLabels(meta.labels ?? {}, `${path}.labels`),
    ...validateAnnotations(meta.annotations ?? {}, `${path}.annotations`),
    ...ownerErrors(meta.ownerReferences ?? [], `${path}.ownerReferences`),
    ...finalizerErrors(meta.finalizers ?? [], `${path}.finalizers`, takesBareFinalizers),
  ];
}

export function validateLabels(labels: Record<string, string>, path: string): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedNameErrors(key).map((error) => invalidValue(path, key, error)),
    ...labelValueErrors(value).map((error) => invalidValue(path, value, error)),
  ]);
}

export function validateAnnotations(
  annotations: Record<string, string>,
  path: string,
): FieldError[] {
  const errors = Object.keys(annotations).flatMap((key) =>
    qualifiedNameErrors(key.toLowerCase()).map((error) => invalidValue(path, key, error)),
  );
  const bytes = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  return bytes > MOST_ANNOTATION_BYTES ? [...errors, tooLong(path, MOST_ANNOTATION_BYTES)] : errors;
}

type NameCheck = NonNullable<Kind["validateName"]>;

function nameErrors(meta: ObjectMeta, check: NameCheck, path: string): FieldError[] {
  const { name = "", generateName = "" } = meta;
  const errors: FieldError[] = [];
  if (generateName !== "") {
    const wrong = check(generateName, true);
    errors.push(...wrong.map((error) => invalidValue(`${path}.generateName`, generateName, error)));
  }
  if (name === "") {
    return [...errors, required(`${path}.name`, "name or generateName is required")];
  }
  const wrong = check(name, false);
  return [...errors, ...wrong.map((error) => invalidValue(`${path}.name`, name, error))];
}

function namespaceErrors(namespace: string, isNamespaced: boolean, path: string): FieldError[] {
  const at = `${path}.namespace`;
  if (!isNamespaced) {
    return namespace === "" ? [] : [forbidden(at, "not allowed on this type")];
  }
  if (namespace === "") return [required(at)];
  return dns1123LabelErrors(namespace).map((error) => invalidValue(at, namespace, error));
}

function generationErrors(generation: number, path: string): FieldError[] {
  if (generation >= 0) return [];
  return [invalidValue(`${path}.generation`, generation, "must be greater than or equal to 0")];
}

function ownerErrors(owners: OwnerReference[], path: string): FieldError[] {
  const errors = owners.flatMap((owner) => oneOwnerErrors(owner, path));
  let controller: OwnerReference | undefined;
  for (const owner of owners.filter((one) => one.controller)) {
    if (controller) {
      const wrong = `Only one reference can have Controller set to true. Found "true" in references for ${controller.name} and ${owner.name}`;
      errors.push(invalidValue(path, goOwners(owners), wrong));
    }
    controller ??= owner;
  }
  return errors;
}

function oneOwnerErrors(owner: OwnerReference, path: string): FieldError[] {
  // With two slashes it is no group and version at all.
  const parts = owner.apiVersion?.split("/") ?? [];
  const version = parts.length > 2 ? "" : (parts.at(-1) ?? "");
  const errors: FieldError[] = [];
  if (version === "") {
    const wrong = "version must not be empty";
    errors.push(invalidValue(`${path}.apiVersion`, owner.apiVersion ?? "", wrong));
  }
  for (const name of ["kind", "name", "uid"] as const) {
    if (!owner[name]) errors.push(invalidValue(`${path}.${name}`, "", `${name} must not be empty`));
  }
  if (owner.apiVersion === "v1" && owner.kind === "Event") {
    const wrong = "/v1, Kind=Event is disallowed from being an owner";
    errors.push(invalidValue(path, goOwner(owner), wrong));
  }
  return errors;
}

function finalizerErrors(
  finalizers: string[],
  path: string,
  takesBare: boolean | undefined,
): FieldError[] {
  const errors = finalizers.flatMap((finalizer) =>
    qualifiedNameErrors(finalizer).map((error) => invalidValue(path, finalizer, error)),
  );
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    const wrong = "finalizer orphan and foregroundDeletion cannot be both set";
    errors.push(invalidValue(path, finalizers, wrong));
  }
  if (takesBare) return errors;
  const bare = finalizers.flatMap((one, index) => bareFinalizerErrors(one, `${path}[${index}]`));
  return [...errors, ...bare];
}

/** The name of one finalizer, wherever it stands. */
export function finalizerNameErrors(name: string, path: string): FieldError[] {
  const wrong = qualifiedNameErrors(name).map((error) => invalidValue(path, name, error));
  return [...wrong, ...bareFinalizerErrors(name, path)];
}

function bareFinalizerErrors(name: string, path: string): FieldError[] {
  if (name.includes("/") || STANDARD_FINALIZERS.includes(name)) return [];
  const error = "name is neither a standard finalizer name nor is it fully qualified";
  return [invalidValue(path, name, error)];
}

function newFinalizerErrors(meta: ObjectMeta, old: ObjectMeta, path: string): FieldError[] {
  const before = new Set(old.finalizers ?? []);
  const added = (meta.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
  if (added.length === 0) return [];
  const list = added.map((one) => JSON.stringify(one)).join(", ");
  const wrong = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  return [forbidden(`${path}.finalizers`, wrong)];
}

function goOwner(owner: OwnerReference): GoStruct {
  return new GoStruct("v1.OwnerReference", ownerFields(owner));
}

function goOwners(owners: OwnerReference[]): GoStruct {
  return GoStruct.listOf("v1.OwnerReference", owners.map(ownerFields));
}

/** Go shows the addresses of the two flags, which mean nothing to a reader; here are their values. */
function ownerFields({ apiVersion, kind, name, uid, ...flags }: OwnerReference) {
  return {
    APIVersion: apiVersion,
    Kind: kind,
    Name: name,
    UID: uid,
    Controller: flags.controller,
    BlockOwnerDeletion: flags.blockOwnerDeletion,
  };
}
