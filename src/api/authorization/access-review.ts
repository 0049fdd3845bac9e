/**
 * What access reviews share: which access is asked about, and what is wrong with asking so.
 *
 * In Kubernetes: pkg/apis/authorization/validation/validation.go
 */
import type {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from "kubernetes-types/authorization/v1.js";
import { type FieldError, GoStruct, invalidValue } from "../field-error.ts";
import type { ObjectMeta } from "../kind.ts";

export type {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
};

export interface AskedAccess {
  resourceAttributes?: ResourceAttributes;
  nonResourceAttributes?: NonResourceAttributes;
}

/** Exactly one of the two ways to say what is asked. */
export function validateAsked({ resourceAttributes, nonResourceAttributes }: AskedAccess) {
  const errors: FieldError[] = [];
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const why = "cannot be specified in combination with resourceAttributes";
    errors.push(invalidValue("spec.nonResourceAttributes", shown(nonResourceAttributes), why));
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const why = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    errors.push(invalidValue("spec.resourceAttributes", undefined, why));
  }
  return errors;
}

/** Somebody has to be asked about. */
export function validateSubject({ user = "", groups = [] }: SubjectAccessReviewSpec) {
  if (user !== "" || groups.length > 0) return [];
  return [invalidValue("spec.user", user, "at least one of user or group must be specified")];
}

/** A question has no name. */
export function validateNoMeta(metadata: ObjectMeta, isNamespaced = false): FieldError[] {
  const { managedFields: _, namespace = "", ...rest } = metadata;
  const others = Object.entries(rest).filter(([, value]) => value !== "" && value !== undefined);
  const isEmpty = others.length === 0 && (isNamespaced || namespace === "");
  if (isEmpty) return [];
  const why = isNamespaced ? "must be empty except for namespace" : "must be empty";
  return [invalidValue("metadata", goMetadata(metadata), why)];
}

const NO_TIME = "time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC)";
const nil = (type: string) => new GoStruct(`${type}(nil)`, {}, "");
const mapOf = (entries: Record<string, string> | undefined) =>
  entries === undefined ? nil("map[string]string") : entries;

/** Owners and managers are left out, for of them Go shows addresses. */
function goMetadata(meta: ObjectMeta): GoStruct {
  return new GoStruct("v1.ObjectMeta", {
    Name: meta.name ?? "",
    GenerateName: meta.generateName ?? "",
    Namespace: meta.namespace ?? "",
    SelfLink: meta.selfLink ?? "",
    UID: meta.uid ?? "",
    ResourceVersion: meta.resourceVersion ?? "",
    Generation: meta.generation ?? 0,
    CreationTimestamp: new GoStruct(NO_TIME, {}, ""),
    DeletionTimestamp: undefined,
    DeletionGracePeriodSeconds: nil("(*int64)"),
    Labels: mapOf(meta.labels),
    Annotations: mapOf(meta.annotations),
    OwnerReferences: nil("[]v1.OwnerReference"),
    Finalizers: meta.finalizers ?? nil("[]string"),
    ManagedFields: nil("[]v1.ManagedFieldsEntry"),
  });
}

export function shown({ path: Path = "", verb: Verb = "" }: NonResourceAttributes): GoStruct {
  return new GoStruct("authorization.NonResourceAttributes", { Path, Verb });
}
