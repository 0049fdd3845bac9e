/**
 * A claim that has no volume yet: is there one that fits, may one be made, or what is it waiting for?
 *
 * In Kubernetes: syncUnboundClaim in pkg/controller/volume/persistentvolume/pv_controller.go, and
 * assignDefaultStorageClass there
 */
import { PersistentVolume } from "../../api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import { Pod } from "../../api/pod.ts";
import { claimNamesOf } from "../../api/pod-claims.ts";
import { hasEnded } from "../../api/pod-status.ts";
import { defaultStorageClass } from "../../api/storage/default-storage-class.ts";
import { StorageClass } from "../../api/storage/storage-class.ts";
import {
  bestVolumeFor,
  classOfClaim,
  isPromisedTo,
  SELECTED_NODE,
  whyNotFor,
} from "../../api/volume-matching.ts";
import type { Again, SyncContext } from "../../client/control-loop.ts";
import { bind, setClaimPhase } from "./bind.ts";
import { provision } from "./provision.ts";

/** What cannot be known by a change is looked at again so often. */
const LOOK_AGAIN_MS = 15_000;
const NO_VOLUME = "no persistent volumes available for this claim and no storage class is set";
const NO_CONSUMER = "waiting for first consumer to be created before binding";

export async function syncUnboundClaim(
  claim: PersistentVolumeClaim,
  context: SyncContext,
): Promise<Again | undefined> {
  if (claim.metadata.deletionTimestamp !== undefined) return undefined;
  return claim.spec.volumeName
    ? takeNamed(claim, claim.spec.volumeName, context)
    : takeAny(claim, context);
}

async function takeAny(
  claim: PersistentVolumeClaim,
  context: SyncContext,
): Promise<Again | undefined> {
  const { cached, client, events } = context;
  const className = classOfClaim(claim);
  if (claim.spec.storageClassName === undefined && className === "") {
    const found = defaultStorageClass(cached(StorageClass).list());
    if (found !== undefined) {
      const spec = { ...claim.spec, storageClassName: found.metadata.name };
      await client.update(PersistentVolumeClaim, { ...claim, spec });
      return undefined;
    }
  }
  const storageClass = cached(StorageClass).get("", className);
  const isDelayed = storageClass?.volumeBindingMode === "WaitForFirstConsumer";
  const volumes = cached(PersistentVolume).list();
  const volume = bestVolumeFor(claim, volumes, { onlyPromised: isDelayed });
  if (volume !== undefined) {
    await bind(volume, claim, context);
    return undefined;
  }
  const isPlaced = claim.metadata.annotations?.[SELECTED_NODE] !== undefined;
  if (isDelayed && !isPlaced) tellWhoIsAwaited(claim, context);
  else if (className !== "") await provision(claim, className, context);
  else events.event(claim, "Normal", "FailedBinding", NO_VOLUME);
  await setClaimPhase(claim, "Pending", context);
  return { againInMs: LOOK_AGAIN_MS };
}

function tellWhoIsAwaited(claim: PersistentVolumeClaim, { cached, events }: SyncContext): void {
  const { namespace, name } = claim.metadata;
  const users = cached(Pod)
    .list(namespace)
    .filter((pod) => !hasEnded(pod) && claimNamesOf(pod).includes(name))
    .map(({ metadata }) => metadata.name)
    .toSorted();
  if (users.length === 0) {
    events.event(claim, "Normal", "WaitForFirstConsumer", NO_CONSUMER);
    return;
  }
  const pods = users.length === 1 ? `pod ${users[0]}` : `pods ${users.join(",")}`;
  events.event(claim, "Normal", "WaitForPodScheduled", `waiting for ${pods} to be scheduled`);
}

async function takeNamed(
  claim: PersistentVolumeClaim,
  volumeName: string,
  context: SyncContext,
): Promise<Again | undefined> {
  const volume = context.cached(PersistentVolume).get("", volumeName);
  if (volume === undefined) {
    await setClaimPhase(claim, "Pending", context);
    return undefined;
  }
  const isFree = volume.spec.claimRef === undefined;
  const mismatch = isFree ? whyNotFor(volume, claim) : undefined;
  if (mismatch !== undefined) {
    const why = `Cannot bind to requested volume ${JSON.stringify(volumeName)}: ${mismatch}`;
    context.events.event(claim, "Warning", "VolumeMismatch", why);
  } else if (isFree || isPromisedTo(volume, claim)) {
    await bind(volume, claim, context);
    return undefined;
  } else {
    const why = `volume ${JSON.stringify(volumeName)} already bound to a different claim.`;
    context.events.event(claim, "Warning", "FailedBinding", why);
  }
  await setClaimPhase(claim, "Pending", context);
  return { againInMs: LOOK_AGAIN_MS };
}
