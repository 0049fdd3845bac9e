/**
 * What a claim must say: how it is to be reached and how large it is to be. Once made, it may only
 * grow, and only when it is bound.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidatePersistentVolumeClaimSpec,
 * ValidatePersistentVolumeClaimUpdate)
 */
import { isDeepStrictEqual } from "node:util";
import type { PersistentVolumeClaimSpec, TypedObjectReference } from "kubernetes-types/core/v1.js";
import { validateLabelSelector } from "./affinity-validation.ts";
import { CLASS_ANNOTATION } from "./class-annotation.ts";
import {
  type FieldError,
  forbidden,
  GoStruct,
  invalidValue,
  notSupported,
  required,
} from "./field-error.ts";
import { dns1123LabelErrors, dns1123SubdomainErrors } from "./names.ts";
import type { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import { compareQuantities, formatQuantity, quantityError, quantityOf } from "./quantity.ts";
import { capacityErrors } from "./resources-validation.ts";
import { specDiff } from "./spec-diff.ts";

const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
export const VOLUME_MODES = ["Block", "Filesystem"];

export function validateClaim({ spec }: PersistentVolumeClaim): FieldError[] {
  return spec === undefined ? [required("spec")] : validateClaimSpec(spec, "spec");
}

export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const { storageClassName, volumeMode, selector } = spec;
  return [
    ...accessModeErrors(spec.accessModes ?? [], `${path}.accessModes`),
    ...validateLabelSelector(selector, `${path}.selector`),
    ...storageErrors(spec.resources?.requests?.storage, `${path}.resources`),
    ...(storageClassName ? dns1123SubdomainErrors(storageClassName) : []).map((e) =>
      invalidValue(`${path}.storageClassName`, storageClassName, e),
    ),
    ...(volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)
      ? [notSupported(`${path}.volumeMode`, volumeMode, VOLUME_MODES)]
      : []),
    ...sourceErrors(spec, path),
  ];
}

export function accessModeErrors(
  modes: string[],
  path: string,
  whyRequired = "at least 1 access mode is required",
): FieldError[] {
  if (modes.length === 0) return [required(path, whyRequired)];
  const unknown = modes.filter((mode) => !ACCESS_MODES.includes(mode));
  const errors = unknown.map((mode) => notSupported(path, mode, ACCESS_MODES));
  const known = new Set(modes.filter((mode) => ACCESS_MODES.includes(mode)));
  const isMixed = known.has("ReadWriteOncePod") && known.size > 1;
  const why = "may not use ReadWriteOncePod with other access modes";
  return isMixed ? [...errors, forbidden(path, why)] : errors;
}

function storageErrors(storage: string | undefined, path: string): FieldError[] {
  if (storage === undefined) return [required(`${path}[storage]`)];
  const at = `${path}[storage]`;
  const wrong = quantityError(String(storage));
  if (wrong !== undefined) return [invalidValue(at, String(storage), wrong)];
  return positiveErrors(storage, at);
}

export function positiveErrors(amount: string, path: string): FieldError[] {
  if (quantityError(String(amount)) !== undefined || quantityOf(amount).nano > 0n) return [];
  return [invalidValue(path, formatQuantity(quantityOf(amount)), "must be greater than zero")];
}

/** What the volume is to be filled from; the newer field says the same as the older, where both are there. */
function sourceErrors({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, path: string) {
  const errors = [
    ...(dataSource ? referenceErrors(dataSource, `${path}.dataSource`) : []),
    ...(dataSourceRef ? referenceErrors(dataSourceRef, `${path}.dataSourceRef`) : []),
  ];
  if (!dataSource || !dataSourceRef) return errors;
  const shown = `${path}.dataSource`;
  const tell = (why: string) => [...errors, invalidValue(path, new GoStruct("", {}, shown), why)];
  if (dataSourceRef.namespace)
    return tell("may not be specified when dataSourceRef.namespace is specified");
  const fields = ["apiGroup", "kind", "name"] as const;
  const isSame = fields.every((field) => dataSource[field] === dataSourceRef[field]);
  return isSame ? errors : tell("must match dataSourceRef");
}

function referenceErrors(source: TypedObjectReference, path: string): FieldError[] {
  const { name, kind = "", apiGroup = "", namespace } = source;
  const errors = name ? [] : [required(`${path}.name`)];
  if (kind === "") errors.push(required(`${path}.kind`));
  if (apiGroup === "" && kind !== "PersistentVolumeClaim") {
    const why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errors.push(invalidValue(path, kind, why));
  }
  const check = (field: string, value: string, wrong: string[]) =>
    errors.push(...wrong.map((error) => invalidValue(`${path}.${field}`, value, error)));
  if (apiGroup !== "") check("apiGroup", apiGroup, dns1123SubdomainErrors(apiGroup));
  if (namespace) check("namespace", namespace, dns1123LabelErrors(namespace));
  return errors;
}

export function validateClaimUpdate(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): FieldError[] {
  const now = claim.metadata.annotations?.[CLASS_ANNOTATION];
  const before = old.metadata.annotations?.[CLASS_ANNOTATION];
  const isUpgrade = isClassUpgrade(claim.spec, now, old.spec, before);
  const path = `metadata.annotations.${CLASS_ANNOTATION}`;
  const isKept = isUpgrade || (now ?? "") === (before ?? "");
  const errors = isKept ? [] : [invalidValue(path, now ?? "", "field is immutable")];
  errors.push(...specErrors(claim, old, isUpgrade));
  const { volumeMode } = claim.spec;
  if (volumeMode === old.spec.volumeMode) return errors;
  return [...errors, invalidValue("volumeMode", volumeMode, "field is immutable")];
}

/** The class was said by the annotation; now the field says the same. */
function isClassUpgrade(
  { storageClassName }: PersistentVolumeClaimSpec,
  annotation: string | undefined,
  old: PersistentVolumeClaimSpec,
  before: string | undefined,
): boolean {
  if (before === undefined || old.storageClassName !== undefined) return false;
  return storageClassName === before && (annotation ?? before) === before;
}

/** The binder fills in the volume's name and the default class, once; and a bound claim may ask for more. */
function specErrors(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
  isUpgrade: boolean,
): FieldError[] {
  const spec = structuredClone(claim.spec);
  const annotation = old.metadata.annotations?.[CLASS_ANNOTATION];
  const isAsSaid = annotation === undefined || annotation === spec.storageClassName;
  if (!old.spec.volumeName) delete spec.volumeName;
  if (isUpgrade || (old.spec.storageClassName === undefined && isAsSaid)) {
    delete spec.storageClassName;
  }
  const isBound = old.status?.phase === "Bound";
  const [now, before] = [spec.resources?.requests?.storage, old.spec.resources?.requests?.storage];
  if (isBound && before !== undefined && spec.resources?.requests) {
    spec.resources.requests.storage = before;
  }
  const errors: FieldError[] = [];
  const oldSpec = withoutEmptyName(old.spec);
  if (!isDeepStrictEqual(spec, oldSpec)) {
    const diff = specDiff("core.PersistentVolumeClaimSpec", oldSpec, spec);
    const why =
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    errors.push(forbidden("spec", `${why}\n${diff}`));
  }
  const shrinks = compareQuantities(quantityOf(now), quantityOf(before)) < 0;
  const why = "field can not be less than previous value";
  return shrinks ? [...errors, forbidden("spec.resources.requests.storage", why)] : errors;
}

function withoutEmptyName(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { volumeName, ...rest } = spec;
  return volumeName ? spec : rest;
}

export function validateClaimStatus({ status }: PersistentVolumeClaim): FieldError[] {
  const amounts = Object.entries(status?.capacity ?? {});
  return amounts.flatMap(([name, amount]) => capacityErrors(amount, `status.capacity[${name}]`));
}
