/**
 * A volume: exactly one source, a capacity, ways to reach it, and maybe the nodes it can be reached from.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidatePersistentVolumeSpec)
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
import { goQuantity } from "./go-quantity.ts";
import { dns1123SubdomainErrors } from "./names.ts";
import { backstepErrors } from "./path-validation.ts";
import type { PersistentVolume } from "./persistent-volume.ts";
import {
  accessModeErrors,
  positiveErrors,
  VOLUME_MODES,
} from "./persistent-volume-claim-validation.ts";
import { capacityErrors } from "./resources-validation.ts";
import { specDiff } from "./spec-diff.ts";
import { type SourcePlace, vendorSourceErrors } from "./vendor-volume-validation.ts";
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

export function validatePersistentVolume({ metadata, spec }: PersistentVolume): FieldError[] {
  if (spec === undefined) return [required("spec")];
  const { storageClassName, volumeMode, persistentVolumeReclaimPolicy: policy } = spec;
  const errors = accessModeErrors(spec.accessModes ?? [], "spec.accessModes", "");
  errors.push(...sizeErrors(spec.capacity ?? {}, "spec.capacity"));
  const at = "spec.persistentVolumeReclaimPolicy";
  if (policy && !RECLAIM_POLICIES.includes(policy)) {
    errors.push(notSupported(at, policy, RECLAIM_POLICIES));
  }
  if (spec.nodeAffinity) errors.push(...affinityErrors(spec.nodeAffinity, "spec.nodeAffinity"));
  errors.push(...sourceErrors(spec, metadata.name, "spec"));
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

function sizeErrors(capacity: Record<string, string>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = Object.keys(capacity);
  if (names.length === 0) errors.push(required(path));
  if (names.join() !== "storage") {
    errors.push(notSupported(path, goCapacity(capacity), ["storage"]));
  }
  for (const [name, amount] of Object.entries(capacity)) {
    const at = `${path}[${name}]`;
    errors.push(...capacityErrors(amount, at), ...positiveErrors(amount, at));
  }
  return errors;
}

function goCapacity(capacity: Record<string, string>): GoStruct {
  const amounts = Object.entries(capacity).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const cells = amounts.map(
    ([name, amount]) => `${JSON.stringify(name)}:${goQuantity(amount).text}`,
  );
  return new GoStruct(
    "core.ResourceList",
    {},
    cells.length === 0 ? "(nil)" : `{${cells.join(", ")}}`,
  );
}

function affinityErrors({ required: selector }: VolumeNodeAffinity, path: string): FieldError[] {
  if (selector) return nodeTermsErrors(selector.nodeSelectorTerms ?? [], `${path}.required`);
  return [required(`${path}.required`, "must specify required node constraints")];
}

function sourceErrors(spec: PersistentVolumeSpec, name: string, path: string): FieldError[] {
  const [first, ...others] = SOURCES.filter((source) => spec[source] !== undefined);
  if (first === undefined) return [required(path, "must specify a volume type")];
  const field = first === "gcePersistentDisk" ? "persistentDisk" : first;
  const errors = oneSourceErrors(spec, first, {
    path: `${path}.${field}`,
    name,
    isPersistent: true,
  });
  const tooMany = others.map((source) => {
    const at = `${path}.${SPELLINGS[source] ?? source}`;
    return forbidden(at, "may not specify more than 1 volume type");
  });
  return [...errors, ...tooMany];
}

function oneSourceErrors(
  spec: PersistentVolumeSpec,
  source: (typeof SOURCES)[number],
  place: SourcePlace,
): FieldError[] {
  const { path } = place;
  switch (source) {
    case "hostPath":
      return hostPathErrors(spec.hostPath!, path);
    case "nfs":
      return nfsErrors(spec.nfs!, path);
    case "local": {
      const { path: directory } = spec.local!;
      const at = `${path}.path`;
      const errors = directory ? backstepErrors(directory, at) : [required(at)];
      if (spec.nodeAffinity) return errors;
      return [...errors, required("spec.nodeAffinity", "Local volume requires node affinity")];
    }
    default:
      return vendorSourceErrors(source, spec[source]!, place);
  }
}

export function validatePersistentVolumeUpdate(
  { spec }: PersistentVolume,
  { spec: old }: PersistentVolume,
): FieldError[] {
  const errors: FieldError[] = [];
  const [now, before] = [sourceOf(spec), sourceOf(old)];
  // Who may enlarge it can be said later, once.
  const secret = "controllerExpandSecretRef";
  if (now.csi && before.csi && before.csi[secret] === undefined) {
    const { [secret]: _, ...csi } = now.csi;
    now.csi = csi;
  }
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

function sourceOf(
  spec: PersistentVolumeSpec,
): Pick<PersistentVolumeSpec, (typeof SOURCES)[number]> {
  return Object.fromEntries(SOURCES.map((source) => [source, spec[source]]));
}
