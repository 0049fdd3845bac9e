/**
 * The storage class "standard", the default of a new cluster: a claim that names no class gets a directory of
 * the node where the first pod goes that uses it.
 *
 * In Kubernetes: as kind and minikube set a cluster up (an add-on). Differs: the provisioner is built in.
 */
import { isAlreadyExists } from "../api/errors.ts";
import { StorageClass } from "../api/storage/storage-class.ts";
import type { ApiServer } from "../apiserver/apiserver.ts";
import { Client } from "../client/client.ts";

const STANDARD = {
  metadata: {
    name: "standard",
    annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
  },
  provisioner: "kubernetes.io/host-path",
  reclaimPolicy: "Delete",
  volumeBindingMode: "WaitForFirstConsumer",
};

export async function createStandardClass({ transport }: ApiServer): Promise<void> {
  try {
    await new Client(transport).create(StorageClass, "", STANDARD);
  } catch (error) {
    // It was made at an earlier start.
    if (!isAlreadyExists(error)) throw error;
  }
}
