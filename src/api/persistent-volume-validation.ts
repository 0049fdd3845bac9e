/**
 * A volume: exactly one source, a capacity, ways to reach it, and maybe the nodes it can be reached from.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidatePersistentVolumeSpec). Differs: of the
 * sources of cloud providers and storage vendors, which this cluster cannot mount, only their number is
 * checked.
 */
import { posix } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { PersistentVolumeSpec, VolumeNodeAffinity } from "kubernetes-types/core/v1.js";
import { nodeTermsErrors } from "./affinity-validation.ts";
import {
  type FieldError,
  forbidden,
  GoStruct,
  invalidValue,
  notSupported,
  required,
} from "./field-error.ts";
import { dns1123SubdomainErrors } from "./names.ts";
import { backstepErrors } from "./path-validation.ts";
import type { PersistentVolume } from "./persistent-volume.ts";
import { accessModeErrors, VOLUME_MODES } from "./persistent-volume-claim-validation.ts";
import { formatQuantity, quantityError, quantityOf } from "./quantity.ts";
import { specDiff } from "./spec-diff.ts";
import { hostPathErrors, nfsErrors } from "./volume-validation.ts";

/** In the order in which Kubernetes looks at them; all but the first found are too many. */
const SOURCES = [
  "hostPath",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "glusterfs",
  "flocker",
  "nfs",
  "rbd",
  "quobyte",
  "cephfs",
  "iscsi",
  "cinder",
  "fc",
  "flexVolume",
  "azureFile",
  "vsphereVolume",
  "photonPersistentDisk",
  "portworxVolume",
  "azureDisk",
  "scaleIO",
  "local",
  "storageos",
  "csi",
] as const;

const SPELLINGS: Record<string, string> = { cephfs: "cephFS" };
const RECLAIM_POLICIES = ["Delete", "Recycle", "Retain"];

export function validatePersistentVolume({ spec }: PersistentVolume): FieldError[] {
  if (spec === undefined) return [required("spec")];
  const { storageClassName, volumeMode, persistentVolumeReclaimPolicy: policy } = spec;
  const errors = accessModeErrors(spec.accessModes ?? [], "spec.accessModes", "");
  errors.push(...capacityErrors(spec.capacity ?? {}, "spec.capacity"));
  const at = "spec.persistentVolumeReclaimPolicy";
  if (policy && !RECLAIM_POLICIES.includes(policy)) {
    errors.push(notSupported(at, policy, RECLAIM_POLICIES));
  }
  if (spec.nodeAffinity) errors.push(...affinityErrors(spec.nodeAffinity, "spec.nodeAffinity"));
  errors.push(...sourceErrors(spec, "spec"));
  if (spec.hostPath && posix.normalize(spec.hostPath.path ?? "") === "/" && policy === "Recycle") {
    errors.push(forbidden(at, "may not be 'recycle' for a hostPath mount of '/'"));
  }
  if (storageClassName) {
    const wrong = dns1123SubdomainErrors(storageClassName);
    errors.push(...wrong.map((e) => invalidValue("spec.storageClassName", storageClassName, e)));
  }
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    errors.push(notSupported("spec.volumeMode", volumeMode, VOLUME_MODES));
  }
  return errors;
}

function capacityErrors(capacity: Record<string, string>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = Object.keys(capacity);
  if (names.length === 0) errors.push(required(path));
  if (names.join() !== "storage") {
    const map = new GoStruct(
      "core.ResourceList",
      {},
      names.length === 0 ? "(nil)" : goNames(names),
    );
    errors.push(notSupported(path, map, ["storage"]));
  }
  for (const [name, amount] of Object.entries(capacity)) {
    const at = `${path}[${name}]`;
    const wrong = quantityError(String(amount));
    if (wrong !== undefined) {
      errors.push(invalidValue(at, amount, wrong));
      continue;
    }
    const quantity = quantityOf(amount);
    const text = formatQuantity(quantity);
    if (quantity.nano < 0n) {
      errors.push(invalidValue(at, text, "must be a valid resource quantity"));
    }
    if (quantity.nano <= 0n) errors.push(invalidValue(at, text, "must be greater than zero"));
  }
  return errors;
}

/** Go shows the inside of each amount, which means nothing to a reader. */
function goNames(names: string[]): string {
  return `{${names.map((name) => `${JSON.stringify(name)}:resource.Quantity{}`).join(", ")}}`;
}

function affinityErrors({ required: selector }: VolumeNodeAffinity, path: string): FieldError[] {
  if (selector) return nodeTermsErrors(selector.nodeSelectorTerms ?? [], `${path}.required`);
  return [required(`${path}.required`, "must specify required node constraints")];
}

function sourceErrors(spec: PersistentVolumeSpec, path: string): FieldError[] {
  const [first, ...others] = SOURCES.filter((source) => spec[source] !== undefined);
  if (first === undefined) return [required(path, "must specify a volume type")];
  const errors = oneSourceErrors(spec, first, `${path}.${first}`);
  const tooMany = others.map((source) => {
    const at = `${path}.${SPELLINGS[source] ?? source}`;
    return forbidden(at, "may not specify more than 1 volume type");
  });
  return [...errors, ...tooMany];
}

function oneSourceErrors(spec: PersistentVolumeSpec, source: string, path: string): FieldError[] {
  switch (source) {
    case "hostPath":
      return hostPathErrors(spec.hostPath!, path);
    case "nfs":
      return nfsErrors(spec.nfs!, path);
    case "local": {
      const { path: directory } = spec.local!;
      const errors = directory ? backstepErrors(directory, path) : [required(`${path}.path`)];
      if (spec.nodeAffinity?.required) return errors;
      return [...errors, required("spec.nodeAffinity", "Local volume requires node affinity")];
    }
    default:
      return [];
  }
}

export function validatePersistentVolumeUpdate(
  { spec }: PersistentVolume,
  { spec: old }: PersistentVolume,
): FieldError[] {
  const errors: FieldError[] = [];
  const [now, before] = [sourceOf(spec), sourceOf(old)];
  if (!isDeepStrictEqual(now, before)) {
    const diff = specDiff("core.PersistentVolumeSource", before, now);
    const why = `spec.persistentvolumesource is immutable after creation\n${diff}`;
    errors.push(forbidden("spec.persistentvolumesource", why));
  }
  if (spec.volumeMode !== old.volumeMode) {
    errors.push(invalidValue("volumeMode", spec.volumeMode, "field is immutable"));
  }
  if (old.nodeAffinity && !isDeepStrictEqual(spec.nodeAffinity, old.nodeAffinity)) {
    const value = new GoStruct("core.VolumeNodeAffinity", { Required: undefined });
    const why = "field is immutable, except for updating from beta label to GA";
    errors.push(invalidValue("nodeAffinity", value, why));
  }
  return errors;
}

function sourceOf(spec: PersistentVolumeSpec): object {
  return Object.fromEntries(SOURCES.map((source) => [source, spec[source]]));
}
