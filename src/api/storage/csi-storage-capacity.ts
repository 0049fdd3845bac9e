/**
 * A CSIStorageCapacity: how much a storage class has left in a part of the cluster.
 *
 * In Kubernetes: pkg/registry/storage/csistoragecapacity/strategy.go, pkg/apis/storage/validation
 */
import { isDeepStrictEqual } from "node:util";
import type { LabelSelector } from "kubernetes-types/meta/v1.js";
import { validateLabelSelector } from "../affinity-validation.ts";
import { goLabelSelector } from "../apps/selector-validation.ts";
import { nameColumn } from "../columns.ts";
import { type FieldError, invalidValue } from "../field-error.ts";
import { type Column, defineKind, type KubeObject } from "../kind.ts";
import { dns1123SubdomainErrors } from "../names.ts";
import { formatQuantity, quantityError, quantityOf } from "../quantity.ts";
import { nodeSelectorWarnings } from "../renamed-labels.ts";
import { canonicalQuantity } from "../resources.ts";

export interface CSIStorageCapacity extends KubeObject {
  storageClassName: string;
  nodeTopology?: LabelSelector;
  capacity?: string;
  maximumVolumeSize?: string;
}

const AMOUNTS = ["capacity", "maximumVolumeSize"] as const;
const IMMUTABLE = "field is immutable";

const columns: Column<CSIStorageCapacity>[] = [
  nameColumn,
  {
    name: "StorageClassName",
    type: "string",
    description:
      "storageClassName represents the name of the StorageClass that the reported capacity applies to. It must meet the same requirements as the name of a StorageClass object (non-empty, DNS subdomain). If that object no longer exists, the CSIStorageCapacity object is obsolete and should be removed by its creator. This field is immutable.",
    value: ({ storageClassName }) => storageClassName,
  },
  {
    name: "Capacity",
    type: "string",
    description:
      "capacity is the value reported by the CSI driver in its GetCapacityResponse for a GetCapacityRequest with topology and parameters that match the previous fields.\n\nThe semantic is currently (CSI spec 1.2) defined as: The available capacity, in bytes, of the storage that can be used to provision volumes. If not set, that information is currently unavailable.",
    value: ({ capacity = "<unset>" }) => capacity,
  },
];

export const CSIStorageCapacity = defineKind<CSIStorageCapacity>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIStorageCapacity",
  plural: "csistoragecapacities",
  namespaced: true,
  storagePrefix: "csistoragecapacities",
  schema: "io.k8s.api.storage.v1.CSIStorageCapacity",
  servedVersions: ["v1beta1"],
  needsResourceVersion: true,
  isReturnedWhenDeleted: true,
  columns,
  setDefaults(one) {
    for (const field of AMOUNTS) {
      if (one[field] !== undefined) one[field] = canonicalQuantity(one[field]);
    }
  },
  warnings: ({ nodeTopology }) => nodeSelectorWarnings(nodeTopology, "nodeTopology"),
  validate: (one) => [
    ...validateLabelSelector(one.nodeTopology, "nodeTopology"),
    ...dns1123SubdomainErrors(one.storageClassName ?? "").map((error) =>
      invalidValue("storageClassName", one.storageClassName ?? "", error),
    ),
    ...amountErrors(one.capacity, "capacity"),
  ],
  validateUpdate(now, old) {
    const errors: FieldError[] = [];
    if (!isDeepStrictEqual(now.nodeTopology, old.nodeTopology)) {
      const shown = now.nodeTopology && goLabelSelector(now.nodeTopology);
      errors.push(invalidValue("nodeTopology", shown, IMMUTABLE));
    }
    if (now.storageClassName !== old.storageClassName) {
      errors.push(invalidValue("storageClassName", now.storageClassName, IMMUTABLE));
    }
    return errors;
  },
  example: {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIStorageCapacity",
    metadata: { name: "example" },
    storageClassName: "standard",
    capacity: "10Gi",
  },
});

function amountErrors(amount: string | undefined, path: string): FieldError[] {
  if (amount === undefined) return [];
  const wrong = quantityError(String(amount));
  if (wrong !== undefined) return [invalidValue(path, amount, wrong)];
  const quantity = quantityOf(amount);
  if (quantity.nano >= 0n) return [];
  return [invalidValue(path, formatQuantity(quantity), "must be greater than or equal to 0")];
}
