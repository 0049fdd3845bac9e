/**
 * The four writes of a binding, each left out where it has been done: the volume names the claim, the volume
 * is Bound, the claim names the volume, the claim is Bound.
 *
 * In Kubernetes: bind in pkg/controller/volume/persistentvolume/pv_controller.go
 */
import { isDeepStrictEqual } from "node:util";
import { PersistentVolume } from "../../api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import { BIND_COMPLETED } from "../../api/volume-matching.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { toApiTime } from "../../component/clock.ts";

/** On what the binder itself has bound: it may undo that. */
export const BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";
const YES = "yes";

export async function bind(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
  context: SyncContext,
): Promise<void> {
  const named = await nameClaim(volume, claim, context);
  await setVolumePhase(named, "Bound", context);
  const naming = await nameVolume(claim, volume.metadata.name, context);
  await setBound(naming, named, context);
}

async function nameClaim(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
  { client }: SyncContext,
): Promise<PersistentVolume> {
  const { claimRef } = volume.spec;
  if (claimRef?.uid === claim.metadata.uid && claimRef?.name === claim.metadata.name) return volume;
  const isOurs = claimRef === undefined;
  const annotations = isOurs
    ? { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: YES }
    : volume.metadata.annotations;
  return client.update(PersistentVolume, {
    ...volume,
    metadata: { ...volume.metadata, ...(annotations && { annotations }) },
    spec: { ...volume.spec, claimRef: referenceTo(claim) },
  });
}

export function referenceTo({ metadata }: PersistentVolumeClaim) {
  const { namespace = "", name, uid = "", resourceVersion = "" } = metadata;
  const kind = "PersistentVolumeClaim";
  return { apiVersion: "v1", kind, namespace, name, uid, resourceVersion };
}

async function nameVolume(
  claim: PersistentVolumeClaim,
  volumeName: string,
  { client }: SyncContext,
): Promise<PersistentVolumeClaim> {
  const { annotations = {} } = claim.metadata;
  const isNamed = claim.spec.volumeName === volumeName;
  if (isNamed && annotations[BIND_COMPLETED] !== undefined) return claim;
  const done = { ...annotations, [BIND_COMPLETED]: YES };
  return client.update(PersistentVolumeClaim, {
    ...claim,
    metadata: {
      ...claim.metadata,
      annotations: isNamed ? done : { ...done, [BOUND_BY_CONTROLLER]: YES },
    },
    spec: { ...claim.spec, volumeName },
  });
}

async function setBound(
  claim: PersistentVolumeClaim,
  { spec }: PersistentVolume,
  { client }: SyncContext,
): Promise<void> {
  const { accessModes = [], capacity = {} } = spec;
  const status = { ...claim.status, phase: "Bound", accessModes, capacity };
  if (claim.status?.phase === "Bound") {
    // What has grown since is known to the claim alone.
    if (isDeepStrictEqual(claim.status.accessModes, accessModes)) return;
    status.capacity = claim.status.capacity ?? capacity;
  }
  await client.updateStatus(PersistentVolumeClaim, { ...claim, status });
}

/** Pending or Lost: it has no volume, and shows none. */
export async function setClaimPhase(
  claim: PersistentVolumeClaim,
  phase: "Pending" | "Lost",
  { client }: SyncContext,
): Promise<void> {
  const { accessModes, capacity, ...rest } = claim.status ?? {};
  const isSame = rest.phase === phase && accessModes === undefined && capacity === undefined;
  if (isSame) return;
  await client.updateStatus(PersistentVolumeClaim, { ...claim, status: { ...rest, phase } });
}

export async function setVolumePhase(
  volume: PersistentVolume,
  phase: string,
  { client, clock }: SyncContext,
  message = "",
): Promise<PersistentVolume> {
  if (volume.status?.phase === phase) return volume;
  const lastPhaseTransitionTime = toApiTime(clock.now());
  const status = { phase, lastPhaseTransitionTime, ...(message === "" ? {} : { message }) };
  return client.updateStatus(PersistentVolume, { ...volume, status });
}
