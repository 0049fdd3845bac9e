/**
 * What stands behind a claim: a volume that this node can mount, which is a directory of its own. Until the
 * claim is bound, the pod waits.
 *
 * In Kubernetes: pkg/kubelet/volumemanager/populator/desired_state_of_world_populator.go. Differs: volumes
 * of hostPath and local only.
 */
import type { HostPathVolumeSource, Volume } from "kubernetes-types/core/v1.js";
import { isNotFound } from "../../api/errors.ts";
import { PersistentVolume } from "../../api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import type { Pod } from "../../api/pod.ts";
import { claimNameOf, isMadeFor } from "../../api/pod-claims.ts";
import type { Client } from "../../client/client.ts";

export type ClaimedDirectory = (
  pod: Pod,
  volume: Volume,
) => Promise<HostPathVolumeSource | undefined>;

/** Resolves to undefined where the volume is no claim. Rejects with why it cannot be mounted. */
export function claimedDirectories(client: Client): ClaimedDirectory {
  return async (pod, volume) => {
    const name = claimNameOf(pod, volume);
    if (name === undefined) return undefined;
    const { namespace = "" } = pod.metadata;
    const about = `PVC ${namespace}/${name}`;
    const claim = await found(client.get(PersistentVolumeClaim, namespace, name), about);
    if (volume.ephemeral && !isMadeFor(pod, claim)) {
      throw new Error(`${about} was not created for pod (pod is not owner)`);
    }
    if (claim.metadata.deletionTimestamp !== undefined) {
      throw new Error(`${about} is being deleted`);
    }
    const { volumeName = "" } = claim.spec;
    if (claim.status?.phase !== "Bound" || volumeName === "") {
      throw new Error("PVC is not bound");
    }
    const { spec } = await found(client.get(PersistentVolume, "", volumeName), `PV ${volumeName}`);
    if (spec.claimRef?.uid !== claim.metadata.uid) {
      throw new Error(`PV ${volumeName} is not bound to ${about}`);
    }
    if (spec.hostPath) return spec.hostPath;
    if (spec.local) return { path: spec.local.path, type: "Directory" };
    throw new Error(`no volume plugin of this node can mount the PV ${volumeName}`);
  };
}

async function found<T>(getting: Promise<T>, about: string): Promise<T> {
  try {
    return await getting;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new Error(`${about} not found`, { cause: error });
  }
}
