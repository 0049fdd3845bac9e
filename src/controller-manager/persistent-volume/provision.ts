/**
 * Makes the volume a claim waits for, if its class is of the one provisioner that is built in: a directory
 * of the node, which the kubelet makes when a pod mounts it. Where the scheduler has chosen a node, the
 * volume belongs to that node, and the pod will always go there.
 *
 * In Kubernetes: provisionClaim in pv_controller.go, pkg/volume/hostpath (the provisioner behind
 * --enable-hostpath-provisioner). Differs: the directory is below /var/lib/kubeling/volumes, and it stays
 * there when the volume is deleted.
 */
import { isAlreadyExists } from "../../api/errors.ts";
import { PersistentVolume } from "../../api/persistent-volume.ts";
import type { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import { StorageClass } from "../../api/storage/storage-class.ts";
import { SELECTED_NODE } from "../../api/volume-matching.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { BOUND_BY_CONTROLLER, referenceTo } from "./bind.ts";

export const HOST_PATH_PROVISIONER = "kubernetes.io/host-path";
export const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";

const VOLUMES_DIR = "/var/lib/kubeling/volumes";
const HOSTNAME = "kubernetes.io/hostname";

export async function provision(
  claim: PersistentVolumeClaim,
  className: string,
  { cached, client, events }: SyncContext,
): Promise<void> {
  const storageClass = cached(StorageClass).get("", className);
  const fail = (why: string) => events.event(claim, "Warning", "ProvisioningFailed", why);
  if (storageClass === undefined) {
    return fail(`storageclass.storage.k8s.io ${JSON.stringify(className)} not found`);
  }
  const { provisioner } = storageClass;
  if (provisioner !== HOST_PATH_PROVISIONER) {
    if (provisioner.startsWith("kubernetes.io/")) {
      return fail(`no volume plugin matched name: ${provisioner}`);
    }
    const waiting = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
    return events.event(claim, "Normal", "ExternalProvisioning", waiting);
  }
  if (claim.spec.volumeMode === "Block") {
    return fail(
      `Failed to provision volume with StorageClass ${JSON.stringify(className)}: ${provisioner} does not support block volume provisioning`,
    );
  }
  const volume = volumeFor(claim, storageClass);
  try {
    await client.create(PersistentVolume, "", volume);
  } catch (error) {
    if (isAlreadyExists(error)) return;
    throw error;
  }
  const done = `Successfully provisioned volume ${volume.metadata.name} using ${provisioner}`;
  events.event(claim, "Normal", "ProvisioningSucceeded", done);
}

function volumeFor(claim: PersistentVolumeClaim, storageClass: StorageClass) {
  const { uid = "", namespace = "", name: claimName, annotations = {} } = claim.metadata;
  const name = `pvc-${uid}`;
  const node = annotations[SELECTED_NODE];
  const { reclaimPolicy = "Delete", mountOptions, provisioner } = storageClass;
  return {
    metadata: {
      name,
      annotations: { [BOUND_BY_CONTROLLER]: "yes", [PROVISIONED_BY]: provisioner },
    },
    spec: {
      capacity: { storage: claim.spec.resources?.requests?.storage ?? "0" },
      accessModes: claim.spec.accessModes ?? [],
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: storageClass.metadata.name,
      ...(mountOptions && { mountOptions }),
      claimRef: referenceTo(claim),
      hostPath: {
        path: `${VOLUMES_DIR}/${namespace}/${claimName}/${name}`,
        type: "DirectoryOrCreate",
      },
      ...(node === undefined ? {} : { nodeAffinity: { required: onNode(node) } }),
    },
  };
}

function onNode(node: string) {
  const matchExpressions = [{ key: HOSTNAME, operator: "In", values: [node] }];
  return { nodeSelectorTerms: [{ matchExpressions }] };
}
