/**
 * What the volumes of some vendors get where their author said nothing.
 *
 * In Kubernetes: pkg/apis/core/v1/defaults.go
 */
import type {
  AzureDiskVolumeSource,
  ISCSIPersistentVolumeSource,
  ISCSIVolumeSource,
  RBDPersistentVolumeSource,
  RBDVolumeSource,
  ScaleIOPersistentVolumeSource,
  ScaleIOVolumeSource,
} from "kubernetes-types/core/v1.js";

/** A volume's, of a pod or by itself. */
export interface VendorSources {
  iscsi?: ISCSIVolumeSource | ISCSIPersistentVolumeSource;
  rbd?: RBDVolumeSource | RBDPersistentVolumeSource;
  azureDisk?: AzureDiskVolumeSource;
  scaleIO?: ScaleIOVolumeSource | ScaleIOPersistentVolumeSource;
}

export function setVendorDefaults({ iscsi, rbd, azureDisk, scaleIO }: VendorSources): void {
  if (iscsi) iscsi.iscsiInterface ||= "default";
  if (rbd) {
    rbd.pool ||= "rbd";
    rbd.user ||= "admin";
    rbd.keyring ||= "/etc/ceph/keyring";
  }
  if (azureDisk) {
    azureDisk.cachingMode ??= "ReadWrite";
    azureDisk.kind ??= "Shared";
    azureDisk.fsType ??= "ext4";
    azureDisk.readOnly ??= false;
  }
  if (scaleIO) {
    scaleIO.storageMode ||= "ThinProvisioned";
    scaleIO.fsType ||= "xfs";
  }
}
