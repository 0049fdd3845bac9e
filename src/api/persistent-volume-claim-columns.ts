/**
 * The cells of `kubectl get persistentvolumeclaims`.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go (printPersistentVolumeClaim)
 */
import { CLASS_ANNOTATION } from "./class-annotation.ts";
import { ageColumn, nameColumn } from "./columns.ts";
import type { Column } from "./kind.ts";
import type { PersistentVolumeClaim } from "./persistent-volume-claim.ts";

const MODES: Record<string, string> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

function text(
  name: string,
  description: string,
  value: (claim: PersistentVolumeClaim) => string,
): Column<PersistentVolumeClaim> {
  return { name, type: "string", description, value };
}

export const persistentVolumeClaimColumns: Column<PersistentVolumeClaim>[] = [
  nameColumn,
  text("Status", "phase represents the current phase of PersistentVolumeClaim.", (claim) =>
    claim.metadata.deletionTimestamp === undefined ? (claim.status?.phase ?? "") : "Terminating",
  ),
  text(
    "Volume",
    "volumeName is the binding reference to the PersistentVolume backing this claim.",
    ({ spec }) => spec.volumeName ?? "",
  ),
  text(
    "Capacity",
    "capacity represents the actual resources of the underlying volume.",
    ({ spec, status }) => (spec.volumeName ? (status?.capacity?.storage ?? "0") : ""),
  ),
  text(
    "Access Modes",
    "accessModes contains the actual access modes the volume backing the PVC has. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1",
    ({ spec, status }) => (spec.volumeName ? shortModes(status?.accessModes) : ""),
  ),
  text(
    "StorageClass",
    "StorageClass of the pvc",
    ({ metadata, spec }) => metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? "",
  ),
  text(
    "VolumeAttributesClass",
    "VolumeAttributesClass of the pvc",
    ({ spec }) => spec.volumeAttributesClassName ?? "<unset>",
  ),
  ageColumn,
  {
    ...text(
      "VolumeMode",
      "volumeMode defines what type of volume is required by the claim. Value of Filesystem is implied when not included in claim spec.",
      ({ spec }) => spec.volumeMode ?? "<unset>",
    ),
    priority: 1,
  },
];

/** Each once, in the order of the table. */
export function shortModes(modes: string[] = []): string {
  return Object.keys(MODES)
    .filter((mode) => modes.includes(mode))
    .map((mode) => MODES[mode])
    .join(",");
}
