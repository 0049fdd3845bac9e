/**
 * The cells of `kubectl get statefulsets`.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go (printStatefulSet)
 */
import { ageColumn, nameColumn } from "../columns.ts";
import type { Column } from "../kind.ts";
import type { StatefulSet } from "./stateful-set.ts";
import { containersColumn, imagesColumn } from "./template-columns.ts";

export const statefulSetColumns: Column<StatefulSet>[] = [
  nameColumn,
  {
    name: "Ready",
    type: "string",
    description: "Number of the pod with ready state",
    value: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
  },
  ageColumn,
  containersColumn,
  imagesColumn,
];
