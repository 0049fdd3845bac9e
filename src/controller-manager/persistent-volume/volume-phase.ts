/**
 * A volume's life: Available until it is a claim's, Bound as long as that claim is there, Released after
 * it; and then it is kept or deleted, as its policy says.
 *
 * In Kubernetes: syncVolume and reclaimVolume in pkg/controller/volume/persistentvolume/pv_controller.go.
 * Differs: there is no recycler, which runs a pod to empty the volume and has long been deprecated.
 */
import { isNotFound } from "../../api/errors.ts";
import { PersistentVolume } from "../../api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { BOUND_BY_CONTROLLER, setVolumePhase } from "./bind.ts";
import { HOST_PATH_PROVISIONER, PROVISIONED_BY } from "./provision.ts";

export async function syncVolume(volume: PersistentVolume, context: SyncContext): Promise<void> {
  const { claimRef } = volume.spec;
  if (!claimRef?.uid) {
    await setVolumePhase(volume, "Available", context);
    return;
  }
  const claim = await claimOf(volume, context);
  if (claim === undefined) return release(volume, context);
  if (!claim.spec.volumeName) return; // The claim's own loop ends what was begun.
  if (claim.spec.volumeName === volume.metadata.name) {
    await setVolumePhase(volume, "Bound", context);
    return;
  }
  // The claim took another volume.
  if (isProvisioned(volume) && volume.spec.persistentVolumeReclaimPolicy === "Delete") {
    return release(volume, context);
  }
  await unbind(volume, context);
}

/** What the cache does not know is asked for: a volume must not be given up by mistake. */
async function claimOf(
  { spec: { claimRef } }: PersistentVolume,
  { cached, client }: SyncContext,
): Promise<PersistentVolumeClaim | undefined> {
  const { namespace = "", name = "", uid } = claimRef ?? {};
  const known = cached(PersistentVolumeClaim).get(namespace, name);
  if (known?.metadata.uid === uid) return known;
  try {
    const found = await client.get(PersistentVolumeClaim, namespace, name);
    return found.metadata.uid === uid ? found : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** What the binder gave it takes back; what was promised by hand stays promised to that name. */
async function unbind(volume: PersistentVolume, { client }: SyncContext): Promise<void> {
  const { [BOUND_BY_CONTROLLER]: isOurs, ...annotations } = volume.metadata.annotations ?? {};
  const { claimRef, ...spec } = volume.spec;
  const { uid: _, resourceVersion: __, ...name } = claimRef ?? {};
  await client.update(PersistentVolume, {
    ...volume,
    metadata: { ...volume.metadata, annotations },
    spec: isOurs === undefined ? { ...spec, claimRef: name } : spec,
  });
}

async function release(volume: PersistentVolume, context: SyncContext): Promise<void> {
  const isDone = ["Released", "Failed"].includes(volume.status?.phase ?? "");
  const released = isDone ? volume : await setVolumePhase(volume, "Released", context);
  const { persistentVolumeReclaimPolicy: policy } = volume.spec;
  if (policy === "Recycle") {
    await fail(
      released,
      "VolumeFailedRecycle",
      "No recycler plugin found for the volume!",
      context,
    );
  } else if (policy === "Delete") await remove(released, context);
}

async function remove(volume: PersistentVolume, context: SyncContext): Promise<void> {
  if (volume.metadata.deletionTimestamp !== undefined) return;
  const by = volume.metadata.annotations?.[PROVISIONED_BY];
  // Whoever made it elsewhere deletes it.
  if (by !== undefined && by !== HOST_PATH_PROVISIONER) return;
  if (volume.spec.hostPath === undefined) {
    const { name } = volume.metadata;
    const why = `error getting deleter volume plugin for volume ${JSON.stringify(name)}: no volume plugin matched`;
    return fail(volume, "VolumeFailedDelete", why, context);
  }
  try {
    await context.client.delete(PersistentVolume, "", volume.metadata.name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function fail(
  volume: PersistentVolume,
  reason: string,
  message: string,
  context: SyncContext,
): Promise<void> {
  if (volume.status?.phase === "Failed") return;
  await setVolumePhase(volume, "Failed", context, message);
  context.events.event(volume, "Warning", reason, message);
}

function isProvisioned({ metadata }: PersistentVolume): boolean {
  return metadata.annotations?.[PROVISIONED_BY] !== undefined;
}
