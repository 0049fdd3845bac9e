/**
 * A StorageClass: a kind of storage that claims may ask for by name. Its provisioner makes a volume for
 * each of them, at once or, with WaitForFirstConsumer, where the pod goes that uses it.
 *
 * In Kubernetes: pkg/registry/storage/storageclass/strategy.go, pkg/apis/storage/v1/defaults.go
 */
import type { StorageClass as TypedStorageClass } from "kubernetes-types/storage/v1.js";
import { ageColumn, nameColumn } from "../columns.ts";
import { type Column, defineKind, type KubeObject } from "../kind.ts";
import { renamedLabelWarnings } from "../renamed-labels.ts";
import { validateStorageClass, validateStorageClassUpdate } from "./storage-class-validation.ts";

export interface StorageClass
  extends KubeObject,
    Omit<TypedStorageClass, "apiVersion" | "kind" | "metadata"> {}

const DEFAULT_ANNOTATIONS = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];

/** Whether claims that name no class get this one. */
export function isDefaultClass({ metadata }: StorageClass): boolean {
  return DEFAULT_ANNOTATIONS.some((name) => metadata.annotations?.[name] === "true");
}

const columns: Column<StorageClass>[] = [
  {
    ...nameColumn,
    value: (one) => one.metadata.name + (isDefaultClass(one as StorageClass) ? " (default)" : ""),
  },
  {
    name: "Provisioner",
    type: "string",
    description: "provisioner indicates the type of the provisioner.",
    value: ({ provisioner }) => provisioner,
  },
  {
    name: "ReclaimPolicy",
    type: "string",
    description:
      "reclaimPolicy controls the reclaimPolicy for dynamically provisioned PersistentVolumes of this storage class. Defaults to Delete.",
    value: ({ reclaimPolicy }) => reclaimPolicy ?? "Delete",
  },
  {
    name: "VolumeBindingMode",
    type: "string",
    description:
      "volumeBindingMode indicates how PersistentVolumeClaims should be provisioned and bound.  When unset, VolumeBindingImmediate is used. This field is only honored by servers that enable the VolumeScheduling feature.",
    value: ({ volumeBindingMode }) => volumeBindingMode ?? "Immediate",
  },
  {
    name: "AllowVolumeExpansion",
    type: "string",
    description: "allowVolumeExpansion shows whether the storage class allow volume expand.",
    value: ({ allowVolumeExpansion = false }) => allowVolumeExpansion,
  },
  ageColumn,
];

export const StorageClass = defineKind<StorageClass>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "StorageClass",
  plural: "storageclasses",
  shortNames: ["sc"],
  namespaced: false,
  storagePrefix: "storageclasses",
  schema: "io.k8s.api.storage.v1.StorageClass",
  servedVersions: ["v1beta1"],
  isReturnedWhenDeleted: true,
  columns,
  setDefaults(storageClass) {
    storageClass.reclaimPolicy ??= "Delete";
    storageClass.volumeBindingMode ??= "Immediate";
  },
  warnings: ({ allowedTopologies = [] }) =>
    allowedTopologies.flatMap(({ matchLabelExpressions = [] }, i) =>
      matchLabelExpressions.flatMap(({ key }, j) => {
        const path = `allowedTopologies[${i}].matchLabelExpressions[${j}].key`;
        return renamedLabelWarnings(key, `${path}:`);
      }),
    ),
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
  example: {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "example" },
    provisioner: "kubernetes.io/host-path",
  },
});
