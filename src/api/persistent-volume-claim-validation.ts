/**
 * What a claim must say: how it is to be reached and how large it is to be. Once made, it may only
 * grow, and only when it is bound.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidatePersistentVolumeClaimSpec,
 * ValidatePersistentVolumeClaimUpdate)
 */
import { isDeepStrictEqual } from "node:util";
import type { PersistentVolumeClaimSpec } from "kubernetes-types/core/v1.js";
import { validateLabelSelector } from "./affinity-validation.ts";
import { type FieldError, forbidden, invalidValue, notSupported, required } from "./field-error.ts";
import { dns1123SubdomainErrors } from "./names.ts";
import type { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import { compareQuantities, formatQuantity, quantityError, quantityOf } from "./quantity.ts";
import { specDiff } from "./spec-diff.ts";

const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
export const VOLUME_MODES = ["Block", "Filesystem"];
const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

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
  const isMixed = modes.includes("ReadWriteOncePod") && new Set(modes).size > 1;
  const why = "may not use ReadWriteOncePod with other access modes";
  return isMixed ? [...errors, forbidden(path, why)] : errors;
}

function storageErrors(storage: string | undefined, path: string): FieldError[] {
  if (storage === undefined) return [required(`${path}[storage]`)];
  const at = `${path}[storage]`;
  const wrong = quantityError(String(storage));
  if (wrong !== undefined) return [invalidValue(at, String(storage), wrong)];
  const quantity = quantityOf(storage);
  if (quantity.nano > 0n) return [];
  return [invalidValue(at, formatQuantity(quantity), "must be greater than zero")];
}

function sourceErrors({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, path: string) {
  const sources = { dataSource, dataSourceRef };
  return Object.entries(sources).flatMap(([field, source]) => {
    if (source === undefined) return [];
    const at = `${path}.${field}`;
    const errors: FieldError[] = [];
    if (!source.name) errors.push(required(`${at}.name`));
    if (!source.kind) errors.push(required(`${at}.kind`));
    if (!source.apiGroup && source.kind !== "PersistentVolumeClaim") {
      const why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
      errors.push(invalidValue(at, source.kind, why));
    }
    return errors;
  });
}

export function validateClaimUpdate(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): FieldError[] {
  const errors = specErrors(claim, old);
  const now = claim.metadata.annotations?.[CLASS_ANNOTATION];
  if (now !== old.metadata.annotations?.[CLASS_ANNOTATION]) {
    const path = `metadata.annotations[${CLASS_ANNOTATION}]`;
    errors.push(invalidValue(path, now ?? "", "field is immutable"));
  }
  return errors;
}

/** The binder fills in the volume's name and the default class, once; and a bound claim may ask for more. */
function specErrors(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const spec = structuredClone(claim.spec);
  if (!old.spec.volumeName) delete spec.volumeName;
  if (old.spec.storageClassName === undefined) delete spec.storageClassName;
  const isBound = old.status?.phase === "Bound";
  const [now, before] = [spec.resources?.requests?.storage, old.spec.resources?.requests?.storage];
  if (isBound && before !== undefined && spec.resources?.requests) {
    spec.resources.requests.storage = before;
  }
  if (!isDeepStrictEqual(spec, withoutEmptyName(old.spec))) {
    const diff = specDiff("core.PersistentVolumeClaimSpec", old.spec, claim.spec);
    const why =
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    return [forbidden("spec", `${why}\n${diff}`)];
  }
  const shrinks =
    isBound && now && before && compareQuantities(quantityOf(now), quantityOf(before)) < 0;
  const why = "field can not be less than previous value";
  return shrinks ? [forbidden("spec.resources.requests.storage", why)] : [];
}

function withoutEmptyName(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { volumeName, ...rest } = spec;
  return volumeName ? spec : rest;
}

export function validateClaimStatus({ status }: PersistentVolumeClaim): FieldError[] {
  const amounts = Object.entries(status?.capacity ?? {});
  return amounts.flatMap(([name, amount]) => {
    const wrong = quantityError(String(amount));
    return wrong === undefined ? [] : [invalidValue(`status.capacity[${name}]`, amount, wrong)];
  });
}
