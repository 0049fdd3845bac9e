/**
 * The cells of `kubectl get roles`: a name, and since when, not how long, for roles live as long as clusters.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go
 */
import { nameColumn } from "../columns.ts";
import type { Column, KubeObject } from "../kind.ts";

export const creationColumns: Column<KubeObject>[] = [
  nameColumn,
  {
    name: "Created At",
    type: "date",
    description:
      "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.",
    value: ({ metadata }) => metadata.creationTimestamp ?? "<unknown>",
  },
];
