/**
 * The cells of `kubectl get rs`.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go (printReplicaSet)
 */
import { ageColumn, nameColumn } from "../columns.ts";
import type { Column } from "../kind.ts";
import type { ReplicaSet } from "./replica-set.ts";
import { containersColumn, imagesColumn, selectorColumn } from "./template-columns.ts";

const MORE =
  "More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/#what-is-a-replicationcontroller";

export const replicaSetColumns: Column<ReplicaSet>[] = [
  nameColumn,
  {
    name: "Desired",
    type: "integer",
    description: `Replicas is the number of desired replicas. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. ${MORE}`,
    value: ({ spec }) => spec.replicas ?? 0,
  },
  {
    name: "Current",
    type: "integer",
    description: `Replicas is the most recently observed number of replicas. ${MORE}`,
    value: ({ status }) => status?.replicas ?? 0,
  },
  {
    name: "Ready",
    type: "integer",
    description:
      "readyReplicas is the number of pods targeted by this ReplicaSet with a Ready Condition.",
    value: ({ status }) => status?.readyReplicas ?? 0,
  },
  ageColumn,
  containersColumn,
  imagesColumn,
  selectorColumn(
    "Selector is a label query over pods that should match the replica count. Label keys and values that must match in order to be controlled by this replica set. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
  ),
];
