/**
 * Which volume a claim may have: one of its class, its mode and its ways to be reached, at least as large as
 * it asks; of several the smallest. One that was promised to the claim goes before all.
 *
 * In Kubernetes: FindMatchingVolume in staging/src/k8s.io/component-helpers/storage/volume/pv_helpers.go
 */

import { CLASS_ANNOTATION } from "./class-annotation.ts";
import { labelMatcher } from "./labels.ts";
import { classOfVolume, type PersistentVolume } from "./persistent-volume.ts";
import type { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import { compareQuantities, quantityOf } from "./quantity.ts";

/** Of a claim that is bound for good. */
export const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
/** The node of the pod that uses the claim, written by the scheduler: make the volume there. */
export const SELECTED_NODE = "volume.kubernetes.io/selected-node";

/** "" is a class too: that of the volumes without one. */
export function classOfClaim({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? "";
}

export function isBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return Boolean(spec.volumeName) && metadata.annotations?.[BIND_COMPLETED] !== undefined;
}

/** Whether the volume is this claim's, or is kept for one of its name. */
export function isPromisedTo({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim) {
  const { claimRef } = spec;
  if (claimRef?.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

export interface MatchOptions {
  /** Only what was promised: the rest is decided where the pod goes. */
  onlyPromised?: boolean;
  /** Whether the volume can be reached from where it is wanted. */
  isReachable?(volume: PersistentVolume): boolean;
}

export function bestVolumeFor(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  { onlyPromised = false, isReachable = () => true }: MatchOptions = {},
): PersistentVolume | undefined {
  const fitting = volumes.filter((volume) => whyNotFor(volume, claim) === undefined);
  const promised = fitting.find((volume) => isPromisedTo(volume, claim));
  if (promised !== undefined || onlyPromised) return promised;
  const hasLabels = labelMatcher(claim.spec.selector ?? {});
  const free = fitting.filter(
    (volume) =>
      volume.status?.phase === "Available" &&
      volume.spec.claimRef === undefined &&
      volume.metadata.deletionTimestamp === undefined &&
      (claim.spec.selector === undefined || hasLabels(volume.metadata.labels)) &&
      classOfVolume(volume) === classOfClaim(claim) &&
      isReachable(volume),
  );
  return free.toSorted((a, b) => compareQuantities(sizeOf(a), sizeOf(b)))[0];
}

/** What of a volume stands against a claim, in Kubernetes' words; undefined: nothing. */
export function whyNotFor(
  { spec }: PersistentVolume,
  { spec: wanted }: PersistentVolumeClaim,
): string | undefined {
  const size = quantityOf(wanted.resources?.requests?.storage ?? "0");
  if (compareQuantities(quantityOf(spec.capacity?.storage ?? "0"), size) < 0) {
    return "requested PV is too small";
  }
  if ((spec.volumeMode ?? "Filesystem") !== (wanted.volumeMode ?? "Filesystem")) {
    return "incompatible volumeMode";
  }
  const offered = spec.accessModes ?? [];
  const isReached = (wanted.accessModes ?? []).every((mode) => offered.includes(mode));
  return isReached ? undefined : "incompatible accessMode";
}

function sizeOf({ spec }: PersistentVolume) {
  return quantityOf(spec.capacity?.storage ?? "0");
}
