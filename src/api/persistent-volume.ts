/**
 * A PersistentVolume: a piece of storage in the cluster, which lives as long as it is wanted and not as long
 * as a pod. It belongs to one claim at a time.
 *
 * In Kubernetes: pkg/registry/core/persistentvolume/strategy.go, pkg/apis/core/v1/defaults.go
 */
import type { PersistentVolumeSpec, PersistentVolumeStatus } from "kubernetes-types/core/v1.js";
import { CLASS_ANNOTATION, classAnnotationWarnings } from "./class-annotation.ts";
import { defineKind, type KubeObject } from "./kind.ts";
import { persistentVolumeColumns } from "./persistent-volume-columns.ts";
import {
  validatePersistentVolume,
  validatePersistentVolumeUpdate,
} from "./persistent-volume-validation.ts";
import { nodeTermWarnings } from "./pod-warnings.ts";
import { canonicalResources } from "./resources.ts";
import { setVendorDefaults } from "./vendor-volume-defaults.ts";
import { persistentSourceWarnings } from "./volume-warnings.ts";

export interface PersistentVolume extends KubeObject {
  spec: PersistentVolumeSpec;
  status?: PersistentVolumeStatus;
}

const RECYCLED =
  "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.";

/** The annotation is older than the field, and counts for more. */
export function classOfVolume({ metadata, spec }: PersistentVolume): string {
  return metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? "";
}

export const PersistentVolume = defineKind<PersistentVolume>({
  group: "",
  version: "v1",
  kind: "PersistentVolume",
  plural: "persistentvolumes",
  shortNames: ["pv"],
  namespaced: false,
  storagePrefix: "persistentvolumes",
  schema: "io.k8s.api.core.v1.PersistentVolume",
  hasStatus: true,
  isReturnedWhenDeleted: true,
  columns: persistentVolumeColumns,
  selectableFields: () => ({}),
  setDefaults({ spec, status }) {
    if (status !== undefined) status.phase ??= "Pending";
    if (spec === undefined) return;
    spec.persistentVolumeReclaimPolicy ||= "Retain";
    spec.volumeMode ??= "Filesystem";
    if (spec.hostPath) spec.hostPath.type ??= "";
    setVendorDefaults(spec);
    if (spec.capacity) spec.capacity = canonicalResources(spec.capacity);
  },
  prepareForCreate(volume) {
    volume.status = { phase: "Pending" };
  },
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
  warnings({ metadata, spec }) {
    const isRecycled = spec.persistentVolumeReclaimPolicy === "Recycle";
    const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
    return [
      ...classAnnotationWarnings(metadata),
      ...(isRecycled ? [RECYCLED] : []),
      ...nodeTermWarnings(terms, "spec.nodeAffinity.required.nodeSelectorTerms"),
      ...persistentSourceWarnings(spec),
    ];
  },
  example: {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "example" },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      hostPath: { path: "/srv/example" },
    },
  },
});
