/** The kinds of storage.k8s.io: StorageClass, VolumeAttachment and what CSI drivers tell. */
import type { Kind } from "../kind.ts";

export const storageKinds: readonly Kind[] = [];
