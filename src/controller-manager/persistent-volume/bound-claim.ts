/**
 * A claim that has been bound stays bound: to that volume or, if that is gone, to nothing.
 *
 * In Kubernetes: syncBoundClaim in pkg/controller/volume/persistentvolume/pv_controller.go
 */
import { PersistentVolume } from "../../api/persistent-volume.ts";
import type { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { bind, setClaimPhase } from "./bind.ts";

const LOST_REFERENCE =
  "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!";
const LOST_VOLUME = "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
const MISBOUND = "Two claims are bound to the same volume, this one is bound incorrectly";

export async function syncBoundClaim(
  claim: PersistentVolumeClaim,
  context: SyncContext,
): Promise<void> {
  const { volumeName } = claim.spec;
  if (!volumeName) return lose(claim, "ClaimLost", LOST_REFERENCE, context);
  const volume = context.cached(PersistentVolume).get("", volumeName);
  if (volume === undefined) return lose(claim, "ClaimLost", LOST_VOLUME, context);
  const { claimRef } = volume.spec;
  if (claimRef === undefined || claimRef.uid === claim.metadata.uid) {
    return bind(volume, claim, context);
  }
  return lose(claim, "ClaimMisbound", MISBOUND, context);
}

async function lose(
  claim: PersistentVolumeClaim,
  reason: string,
  message: string,
  context: SyncContext,
): Promise<void> {
  if (claim.status?.phase === "Lost") return;
  context.events.event(claim, "Warning", reason, message);
  await setClaimPhase(claim, "Lost", context);
}
