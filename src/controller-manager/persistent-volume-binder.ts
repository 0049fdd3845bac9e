/**
 * The volume binder: gives each claim a volume, one that is there or one it has made, and sees to it that a
 * volume whose claim has gone is kept or deleted, as its policy says.
 *
 * Its rule: a volume and a claim name each other, the volume first. So a binding that was broken off
 * anywhere is found again from either side, and no volume is given twice.
 *
 * In Kubernetes: pkg/controller/volume/persistentvolume/pv_controller.go
 */

import type { Kind } from "../api/kind.ts";
import { PersistentVolume } from "../api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../api/persistent-volume-claim.ts";
import { Pod } from "../api/pod.ts";
import { StorageClass } from "../api/storage/storage-class.ts";
import { isBound } from "../api/volume-matching.ts";
import {
  type ComponentContext,
  type Controller,
  type RunningController,
  runController,
  type SyncContext,
} from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";
import { joined } from "./joined.ts";
import { syncBoundClaim } from "./persistent-volume/bound-claim.ts";
import { syncUnboundClaim } from "./persistent-volume/unbound-claim.ts";
import { syncVolume } from "./persistent-volume/volume-phase.ts";

const NAME = "persistentvolume-controller";

export const volumeClaimBinder: Controller<PersistentVolumeClaim> = {
  name: NAME,
  watches: PersistentVolumeClaim,
  follows: [
    {
      kind: PersistentVolume as Kind,
      keysOf: (volume, _old, context) => claimsFor(volume as PersistentVolume, context),
    },
    { kind: StorageClass as Kind, keysOf: (_class, _old, context) => waitingClaims(context) },
  ],
  reads: [Pod],

  async sync(claim, _key, context) {
    if (claim === undefined) return;
    return isBindingDone(claim) ? syncBoundClaim(claim, context) : syncUnboundClaim(claim, context);
  },
};

export const volumePhases: Controller<PersistentVolume> = {
  name: NAME,
  watches: PersistentVolume,
  follows: [
    {
      kind: PersistentVolumeClaim as Kind,
      keysOf: (claim, _old, context) => volumesOf(claim as PersistentVolumeClaim, context),
    },
  ],

  async sync(volume, _key, context) {
    if (volume !== undefined) await syncVolume(volume, context);
  },
};

/** Both loops: the claims, and the volumes. */
export async function startPersistentVolumeBinder(
  context: ComponentContext,
): Promise<RunningController> {
  const volumes = await runController(volumePhases, context);
  const claims = await runController(volumeClaimBinder, context);
  return joined(claims, volumes);
}

function isBindingDone({ metadata }: PersistentVolumeClaim): boolean {
  return metadata.annotations?.["pv.kubernetes.io/bind-completed"] !== undefined;
}

/** The claim it belongs to; one that belongs to none may be for any that waits for its class. */
function claimsFor(volume: PersistentVolume, context: SyncContext): string[] {
  const { claimRef } = volume.spec;
  if (claimRef?.name) return [keyOf({ namespace: claimRef.namespace ?? "", name: claimRef.name })];
  return waitingClaims(context);
}

function waitingClaims({ cached }: SyncContext): string[] {
  return cached(PersistentVolumeClaim)
    .list()
    .filter((claim) => !isBound(claim))
    .map(({ metadata }) => keyOf(metadata));
}

function volumesOf(claim: PersistentVolumeClaim, { cached }: SyncContext): string[] {
  const { namespace, name } = claim.metadata;
  const referring = cached(PersistentVolume)
    .list()
    .filter(({ spec }) => spec.claimRef?.name === name && spec.claimRef.namespace === namespace)
    .map(({ metadata }) => metadata.name);
  const { volumeName } = claim.spec;
  return volumeName ? [...new Set([...referring, volumeName])] : referring;
}
