/**
 * The cells of `kubectl get deployments`.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go (printDeployment)
 */
import { ageColumn, nameColumn } from "../columns.ts";
import type { Column } from "../kind.ts";
import type { Deployment } from "./deployment.ts";
import { containersColumn, imagesColumn, selectorColumn } from "./template-columns.ts";

export const deploymentColumns: Column<Deployment>[] = [
  nameColumn,
  {
    name: "Ready",
    type: "string",
    description: "Number of the pod with ready state",
    value: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
  },
  {
    name: "Up-to-date",
    type: "string",
    description:
      "Total number of non-terminated pods targeted by this deployment that have the desired template spec.",
    value: ({ status }) => status?.updatedReplicas ?? 0,
  },
  {
    name: "Available",
    type: "string",
    description:
      "Total number of available pods (ready for at least minReadySeconds) targeted by this deployment.",
    value: ({ status }) => status?.availableReplicas ?? 0,
  },
  ageColumn,
  containersColumn,
  imagesColumn,
  selectorColumn(
    "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment.",
  ),
];
