/**
 * A CSIDriver: what a storage driver that is installed in the cluster can do, and wants from Kubernetes.
 *
 * In Kubernetes: pkg/registry/storage/csidriver/strategy.go, pkg/apis/storage/v1/defaults.go
 */
import { isDeepStrictEqual } from "node:util";
import type { CSIDriverSpec } from "kubernetes-types/storage/v1.js";
import { ageColumn, nameColumn } from "../columns.ts";
import { type Column, defineKind, type KubeObject } from "../kind.ts";
import { validateCsiDriver, validateCsiDriverUpdate } from "./csi-driver-validation.ts";

export interface CSIDriver extends KubeObject {
  spec: CSIDriverSpec;
}

/** A change of one of these is a new generation. */
const COUNTED = ["tokenRequests", "requiresRepublish", "seLinuxMount"] as const;

function flag(
  name: string,
  description: string,
  value: (spec: CSIDriverSpec) => boolean | undefined,
): Column<CSIDriver> {
  return { name, type: "boolean", description, value: ({ spec }) => value(spec) ?? false };
}

const columns: Column<CSIDriver>[] = [
  nameColumn,
  flag(
    "AttachRequired",
    "attachRequired indicates this CSI volume driver requires an attach operation (because it implements the CSI ControllerPublishVolume() method).",
    ({ attachRequired = true }) => attachRequired,
  ),
  flag(
    "PodInfoOnMount",
    "podInfoOnMount indicates this CSI volume driver requires additional pod information (like podName, podUID, etc.) during mount operations, if set to true.",
    ({ podInfoOnMount }) => podInfoOnMount,
  ),
  flag(
    "StorageCapacity",
    "storageCapacity indicates that the CSI volume driver wants pod scheduling to consider the storage capacity that the driver deployment will report by creating CSIStorageCapacity objects with capacity information, if set to true.",
    ({ storageCapacity }) => storageCapacity,
  ),
  {
    name: "TokenRequests",
    type: "string",
    description:
      "tokenRequests indicates the CSI driver needs pods' service account tokens it is mounting volume for to do necessary authentication.",
    value: ({ spec: { tokenRequests = [] } }) =>
      tokenRequests.map(({ audience }) => audience).join(",") || "<unset>",
  },
  flag(
    "RequiresRepublish",
    "requiresRepublish indicates the CSI driver wants `NodePublishVolume` being periodically called to reflect any possible change in the mounted volume.",
    ({ requiresRepublish }) => requiresRepublish,
  ),
  {
    name: "Modes",
    type: "string",
    description:
      "volumeLifecycleModes defines what kind of volumes this CSI volume driver supports.",
    value: ({ spec: { volumeLifecycleModes = [] } }) => volumeLifecycleModes.join(",") || "<none>",
  },
  ageColumn,
];

export const CSIDriver = defineKind<CSIDriver>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIDriver",
  plural: "csidrivers",
  namespaced: false,
  storagePrefix: "csidrivers",
  schema: "io.k8s.api.storage.v1.CSIDriver",
  servedVersions: ["v1beta1"],
  needsResourceVersion: true,
  isReturnedWhenDeleted: true,
  columns,
  setDefaults(driver) {
    driver.spec ??= {};
    const { spec } = driver;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= "ReadWriteOnceWithFSType";
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ["Persistent"];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  prepareForUpdate({ spec, metadata }, old) {
    if (COUNTED.every((field) => isDeepStrictEqual(spec[field], old.spec[field]))) return;
    metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validate: ({ spec }) => validateCsiDriver(spec),
  validateUpdate: ({ spec }, old) => validateCsiDriverUpdate(spec, old.spec),
  example: {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIDriver",
    metadata: { name: "csi.example.com" },
    spec: {},
  },
});
