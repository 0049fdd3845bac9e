/**
 * The cells of `kubectl get rc`.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go (printReplicationController)
 */
import { ageColumn, formatLabels, nameColumn } from "./columns.ts";
import type { Column } from "./kind.ts";
import type { ReplicationController } from "./replication-controller.ts";

export const replicationControllerColumns: Column<ReplicationController>[] = [
  nameColumn,
  {
    name: "Desired",
    type: "integer",
    description:
      "Replicas is the number of desired replicas. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller",
    value: (rc) => rc.spec.replicas ?? 0,
  },
  {
    name: "Current",
    type: "integer",
    description:
      "Replicas is the most recently observed number of replicas. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller",
    value: (rc) => rc.status?.replicas ?? 0,
  },
  {
    name: "Ready",
    type: "integer",
    description: "The number of ready replicas for this replication controller.",
    value: (rc) => rc.status?.readyReplicas ?? 0,
  },
  ageColumn,
  {
    name: "Containers",
    type: "string",
    priority: 1,
    description: "Names of each container in the template.",
    value: (rc) => rc.spec.template?.spec.containers.map(({ name }) => name).join(",") ?? "",
  },
  {
    name: "Images",
    type: "string",
    priority: 1,
    description: "Images referenced by each container in the template.",
    value: (rc) => rc.spec.template?.spec.containers.map(({ image }) => image).join(",") ?? "",
  },
  {
    name: "Selector",
    type: "string",
    priority: 1,
    description:
      "Selector is a label query over pods that should match the Replicas count. If Selector is empty, it is defaulted to the labels present on the Pod template. Label keys and values that must match in order to be controlled by this replication controller, if empty defaulted to labels on Pod template. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
    value: (rc) => formatLabels(rc.spec.selector),
  },
];
