/**
 * StorageObjectInUseProtection: a volume or a claim is held by a finalizer from its first moment, which the
 * protection controllers take off when nobody uses it any more.
 *
 * In Kubernetes: plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go
 */
import { PersistentVolume } from "../../api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import { CLAIM_PROTECTION, VOLUME_PROTECTION } from "../../api/storage/protection.ts";
import type { AdmissionPlugin } from "./admission.ts";

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: "StorageObjectInUseProtection",
  admit({ verb, subresource, kind, object }) {
    if (verb !== "create" || subresource !== "" || object === undefined) return;
    if (kind !== PersistentVolume && kind !== PersistentVolumeClaim) return;
    const finalizer = kind === PersistentVolume ? VOLUME_PROTECTION : CLAIM_PROTECTION;
    const { finalizers = [] } = object.metadata;
    if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer];
  },
};
