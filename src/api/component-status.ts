/**
 * A ComponentStatus: whether a part of the control plane is well, found out when it is asked for. Nothing of
 * it is stored, and nobody can write it.
 *
 * In Kubernetes: pkg/registry/core/componentstatus/rest.go
 */
import type { ComponentCondition } from "kubernetes-types/core/v1.js";
import { nameColumn } from "./columns.ts";
import { type Column, defineKind, type KubeObject } from "./kind.ts";

export interface ComponentStatus extends KubeObject {
  conditions?: ComponentCondition[];
}

function healthy({ conditions = [] }: ComponentStatus): ComponentCondition | undefined {
  return conditions.find(({ type }) => type === "Healthy");
}

const columns: Column<ComponentStatus>[] = [
  nameColumn,
  {
    name: "Status",
    type: "string",
    description: "Status of the component conditions",
    value: (one) => STATES[healthy(one)?.status ?? ""] ?? "Unknown",
  },
  {
    name: "Message",
    type: "string",
    description: "Message of the component conditions",
    value: (one) => healthy(one)?.message ?? "",
  },
  {
    name: "Error",
    type: "string",
    description: "Error of the component conditions",
    value: (one) => healthy(one)?.error ?? "",
  },
];

const STATES: Record<string, string> = { True: "Healthy", False: "Unhealthy" };

export const ComponentStatus = defineKind<ComponentStatus>({
  group: "",
  version: "v1",
  kind: "ComponentStatus",
  plural: "componentstatuses",
  shortNames: ["cs"],
  namespaced: false,
  storagePrefix: "componentstatuses",
  schema: "io.k8s.api.core.v1.ComponentStatus",
  verbs: ["get", "list"],
  deprecationWarning: "v1 ComponentStatus is deprecated in v1.19+",
  columns,
  example: {
    apiVersion: "v1",
    kind: "ComponentStatus",
    metadata: { name: "scheduler" },
    conditions: [{ type: "Healthy", status: "True", message: "ok" }],
  },
});
