/** The kinds of storage.k8s.io: StorageClass, VolumeAttachment and what CSI drivers tell. */
import type { Kind } from "../kind.ts";
import { CSIDriver } from "./csi-driver.ts";
import { CSINode } from "./csi-node.ts";
import { CSIStorageCapacity } from "./csi-storage-capacity.ts";
import { StorageClass } from "./storage-class.ts";
import { VolumeAttachment } from "./volume-attachment.ts";

export const storageKinds: readonly Kind[] = [
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
];
