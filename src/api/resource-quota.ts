/**
 * A ResourceQuota: how much all objects of a namespace together may use (`spec.hard`), and how much they do
 * (`status.used`). The ResourceQuota plug-in charges each new object to it; its controller counts again.
 *
 * In Kubernetes: pkg/registry/core/resourcequota/strategy.go
 */
import type { ResourceQuotaSpec, ResourceQuotaStatus } from "kubernetes-types/core/v1.js";
import { ageColumn, nameColumn } from "./columns.ts";
import { defineKind, type KubeObject } from "./kind.ts";
import { formatQuantity, quantityOf } from "./quantity.ts";
import {
  validateResourceQuota,
  validateResourceQuotaStatus,
  validateResourceQuotaUpdate,
} from "./resource-quota-validation.ts";
import { canonicalResources } from "./resources.ts";

export interface ResourceQuota extends KubeObject {
  spec: ResourceQuotaSpec;
  status?: ResourceQuotaStatus;
}

export const ResourceQuota = defineKind<ResourceQuota>({
  group: "",
  version: "v1",
  kind: "ResourceQuota",
  plural: "resourcequotas",
  shortNames: ["quota"],
  namespaced: true,
  storagePrefix: "resourcequotas",
  schema: "io.k8s.api.core.v1.ResourceQuota",
  isReturnedWhenDeleted: true,
  hasStatus: true,
  columns: [
    nameColumn,
    ageColumn,
    {
      name: "Request",
      type: "string",
      description:
        "Request represents a minimum amount of cpu/memory that a container may consume.",
      value: (quota) => usageCell(quota, (name) => !isLimit(name)),
    },
    {
      name: "Limit",
      type: "string",
      description:
        "Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.",
      value: (quota) => usageCell(quota, isLimit),
    },
  ],
  setDefaults(quota) {
    quota.spec ??= {};
    const { spec, status } = quota;
    if (spec.hard !== undefined) spec.hard = canonicalResources(spec.hard);
    if (status?.hard !== undefined) status.hard = canonicalResources(status.hard);
    if (status?.used !== undefined) status.used = canonicalResources(status.used);
  },
  prepareForCreate(quota) {
    quota.status = {};
  },
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  validateStatusUpdate: validateResourceQuotaStatus,
  example: {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "example" },
    spec: { hard: { pods: "10", "requests.cpu": "4" } },
  },
});

/** "pods: 3/10, requests.cpu: 1/4" */
function usageCell({ status = {} }: ResourceQuota, isShown: (name: string) => boolean): string {
  const { hard = {}, used = {} } = status;
  const names = Object.keys(hard).filter(isShown).toSorted();
  const shown = (amount: string | undefined) => formatQuantity(quantityOf(amount));
  return names.map((name) => `${name}: ${shown(used[name])}/${shown(hard[name])}`).join(", ");
}

function isLimit(name: string): boolean {
  return name.startsWith("limits.");
}
