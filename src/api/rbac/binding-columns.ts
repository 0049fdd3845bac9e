/**
 * The cells of `kubectl get rolebindings`: which role, and with -o wide who has it.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go
 */
import { ageColumn, nameColumn } from "../columns.ts";
import type { Column, KubeObject } from "../kind.ts";
import type { Binding, Subject } from "./subject-validation.ts";

export const bindingColumns: Column<KubeObject & Binding>[] = [
  nameColumn,
  {
    name: "Role",
    type: "string",
    description:
      "RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.",
    value: ({ roleRef }) => `${roleRef?.kind ?? ""}/${roleRef?.name ?? ""}`,
  },
  ageColumn,
  subjectsColumn("Users", ({ kind, name }) => (kind === "User" ? name : undefined)),
  subjectsColumn("Groups", ({ kind, name }) => (kind === "Group" ? name : undefined)),
  subjectsColumn("ServiceAccounts", ({ kind, name, namespace = "" }) =>
    kind === "ServiceAccount" ? `${namespace}/${name}` : undefined,
  ),
];

function subjectsColumn(name: string, nameOf: (subject: Subject) => string | undefined) {
  return {
    name,
    type: "string" as const,
    description: `${name} in the roleBinding`,
    priority: 1 as const,
    value: ({ subjects = [] }: KubeObject & Binding) =>
      subjects
        .map(nameOf)
        .filter((one) => one !== undefined)
        .join(", "),
  };
}
