/**
 * A PersistentVolumeClaim: a wish for storage that outlives pods, and, once it is bound, the storage.
 *
 * In Kubernetes: pkg/registry/core/persistentvolumeclaim/strategy.go
 */
import type {
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimStatus,
} from "kubernetes-types/core/v1.js";
import { classAnnotationWarnings } from "./class-annotation.ts";
import { defineKind, type KubeObject } from "./kind.ts";
import { persistentVolumeClaimColumns } from "./persistent-volume-claim-columns.ts";
import {
  validateClaim,
  validateClaimStatus,
  validateClaimUpdate,
} from "./persistent-volume-claim-validation.ts";
import { claimSpecWarnings } from "./quantity-warnings.ts";
import { canonicalResources } from "./resources.ts";

export interface PersistentVolumeClaim extends KubeObject {
  spec: PersistentVolumeClaimSpec;
  status?: PersistentVolumeClaimStatus;
}

export const PersistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
  shortNames: ["pvc"],
  namespaced: true,
  storagePrefix: "persistentvolumeclaims",
  schema: "io.k8s.api.core.v1.PersistentVolumeClaim",
  isReturnedWhenDeleted: true,
  hasStatus: true,
  columns: persistentVolumeClaimColumns,
  setDefaults({ spec, status }) {
    if (spec === undefined) return;
    spec.volumeMode ??= "Filesystem";
    if (status !== undefined) status.phase ??= "Pending";
    const { requests, limits } = spec.resources ?? {};
    if (requests) spec.resources!.requests = canonicalResources(requests);
    if (limits) spec.resources!.limits = canonicalResources(limits);
  },
  prepareForCreate(claim) {
    claim.status = { phase: "Pending" };
    fillSources(claim.spec);
  },
  prepareForUpdate: ({ spec }) => fillSources(spec),
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  validateStatusUpdate: validateClaimStatus,
  warnings: ({ metadata, spec }) => [
    ...classAnnotationWarnings(metadata),
    ...claimSpecWarnings(spec, "spec"),
  ],
  example: {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "example" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
});

/** What the volume is filled from is said twice: in the older field and in the newer. */
function fillSources(spec: PersistentVolumeClaimSpec | undefined): void {
  const { dataSource, dataSourceRef } = spec ?? {};
  if (spec === undefined) return;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _, ...reference } = dataSourceRef;
    spec.dataSource = reference;
  }
}
