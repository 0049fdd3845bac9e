/**
 * A LimitRange: how much one container or one pod of a namespace may ask for, and what it gets if it asks for
 * nothing. It holds for what is created after it; the LimitRanger plug-in carries it out.
 *
 * In Kubernetes: pkg/registry/core/limitrange/strategy.go, SetDefaults_LimitRangeItem in pkg/apis/core/v1/defaults.go
 */
import type { LimitRangeItem, LimitRangeSpec } from "kubernetes-types/core/v1.js";
import { nameColumn } from "./columns.ts";
import { defineKind, type KubeObject } from "./kind.ts";
import { validateLimitRange } from "./limit-range-validation.ts";
import { canonicalResources } from "./resources.ts";

export interface LimitRange extends KubeObject {
  spec: LimitRangeSpec;
}

/** The fields of an item that hold amounts by resource. */
export const LIMIT_FIELDS = [
  "max",
  "min",
  "default",
  "defaultRequest",
  "maxLimitRequestRatio",
] as const;

export const LimitRange = defineKind<LimitRange>({
  group: "",
  version: "v1",
  kind: "LimitRange",
  plural: "limitranges",
  shortNames: ["limits"],
  namespaced: true,
  storagePrefix: "limitranges",
  schema: "io.k8s.api.core.v1.LimitRange",
  isCreatedByUpdate: true,
  columns: [
    nameColumn,
    {
      name: "Created At",
      type: "date",
      description:
        "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
      value: ({ metadata }) => metadata.creationTimestamp ?? "",
    },
  ],
  setDefaults(limitRange) {
    limitRange.spec ??= { limits: [] };
    limitRange.spec.limits ??= [];
    for (const item of limitRange.spec.limits) setItemDefaults(item);
  },
  validate: validateLimitRange,
  example: {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: { name: "example" },
    spec: {
      limits: [{ type: "Container", max: { cpu: "2" }, default: { cpu: "500m" } }],
    },
  },
});

/** Of a container: no limit means the greatest, no request the limit, and where that is missing the least. */
function setItemDefaults(item: LimitRangeItem): void {
  for (const field of LIMIT_FIELDS) {
    if (item[field] !== undefined) item[field] = canonicalResources(item[field]);
  }
  if (item.type !== "Container") return;
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  if (Object.keys(limits).length > 0) item.default = limits;
  if (Object.keys(requests).length > 0) item.defaultRequest = requests;
}
