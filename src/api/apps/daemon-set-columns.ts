/**
 * The cells of `kubectl get daemonsets`.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go (printDaemonSet)
 */
import type { DaemonSetStatus } from "kubernetes-types/apps/v1.js";
import { ageColumn, formatLabels, nameColumn } from "../columns.ts";
import type { Column } from "../kind.ts";
import type { DaemonSet } from "./daemon-set.ts";
import { containersColumn, imagesColumn, selectorColumn } from "./template-columns.ts";

function count(name: string, field: keyof DaemonSetStatus, description: string): Column<DaemonSet> {
  const value = ({ status }: DaemonSet) => Number(status?.[field] ?? 0);
  return { name, type: "integer", description, value };
}

const MORE = "More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/";

export const daemonSetColumns: Column<DaemonSet>[] = [
  nameColumn,
  count(
    "Desired",
    "desiredNumberScheduled",
    `The total number of nodes that should be running the daemon pod (including nodes correctly running the daemon pod). ${MORE}`,
  ),
  count(
    "Current",
    "currentNumberScheduled",
    `The number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod. ${MORE}`,
  ),
  count(
    "Ready",
    "numberReady",
    "numberReady is the number of nodes that should be running the daemon pod and have one or more of the daemon pod running with a Ready Condition.",
  ),
  count(
    "Up-to-date",
    "updatedNumberScheduled",
    "The total number of nodes that are running updated daemon pod",
  ),
  count(
    "Available",
    "numberAvailable",
    "The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available (ready for at least spec.minReadySeconds)",
  ),
  {
    name: "Node Selector",
    type: "string",
    description:
      "NodeSelector is a selector which must be true for the pod to fit on a node. Selector which must match a node's labels for the pod to be scheduled on that node. More info: https://kubernetes.io/docs/concepts/configuration/assign-pod-node/",
    value: ({ spec }) => formatLabels(spec.template.spec.nodeSelector),
  },
  ageColumn,
  containersColumn,
  imagesColumn,
  selectorColumn(
    "A label query over pods that are managed by the daemon set. Must match in order to be controlled. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
  ),
];
