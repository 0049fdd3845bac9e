/**
 * The two protections: a claim that a pod uses and a volume that is bound stay, also if somebody has asked
 * them to go, until they are no longer needed. A finalizer holds each; here it is put on and taken off.
 *
 * In Kubernetes: pkg/controller/volume/{pvcprotection,pvprotection}
 */
import type { Kind, KubeObject } from "../api/kind.ts";
import { PersistentVolume } from "../api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../api/persistent-volume-claim.ts";
import { Pod } from "../api/pod.ts";
import { claimNamesOf } from "../api/pod-claims.ts";
import { CLAIM_PROTECTION, VOLUME_PROTECTION } from "../api/storage/protection.ts";
import type { Controller, SyncContext } from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";

export const claimProtectionController: Controller<PersistentVolumeClaim> = {
  name: "persistentvolumeclaim-protection-controller",
  watches: PersistentVolumeClaim,
  follows: [
    {
      kind: Pod as Kind,
      keysOf: (pod) =>
        claimNamesOf(pod as Pod).map((name) =>
          keyOf({ namespace: pod.metadata.namespace ?? "", name }),
        ),
    },
  ],
  async sync(claim, _key, context) {
    if (claim === undefined) return;
    const isNeeded = () => isUsed(claim, context);
    await protect(PersistentVolumeClaim, claim, CLAIM_PROTECTION, isNeeded, context);
  },
};

export const volumeProtectionController: Controller<PersistentVolume> = {
  name: "persistentvolume-protection-controller",
  watches: PersistentVolume,
  async sync(volume, _key, context) {
    if (volume === undefined) return;
    const isNeeded = async () => volume.status?.phase === "Bound";
    await protect(PersistentVolume, volume, VOLUME_PROTECTION, isNeeded, context);
  },
};

async function protect<T extends KubeObject>(
  kind: Kind<T>,
  obj: T,
  finalizer: string,
  isNeeded: () => Promise<boolean>,
  { client }: SyncContext,
): Promise<void> {
  const { finalizers = [], deletionTimestamp } = obj.metadata;
  const isHeld = finalizers.includes(finalizer);
  if (deletionTimestamp === undefined) {
    if (isHeld) return;
    const metadata = { ...obj.metadata, finalizers: [...finalizers, finalizer] };
    await client.update(kind, { ...obj, metadata });
  } else if (isHeld && !(await isNeeded())) {
    const left = finalizers.filter((one) => one !== finalizer);
    await client.update(kind, { ...obj, metadata: { ...obj.metadata, finalizers: left } });
  }
}

/** A pod that has no node yet will not be started with a claim that is going. The cache may be late. */
async function isUsed({ metadata }: PersistentVolumeClaim, { cached, client }: SyncContext) {
  const { namespace = "", name } = metadata;
  const uses = (pod: Pod) => Boolean(pod.spec.nodeName) && claimNamesOf(pod).includes(name);
  if (cached(Pod).list(namespace).some(uses)) return true;
  const { items } = await client.list(Pod, { namespace });
  return items.some(uses);
}
