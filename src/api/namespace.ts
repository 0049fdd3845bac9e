/**
 * A Namespace: a room for names. It goes only after all that is in it has gone; until then its
 * `spec.finalizers` hold it, and its phase is Terminating.
 *
 * In Kubernetes: pkg/registry/core/namespace/strategy.go
 */
import type { NamespaceSpec, NamespaceStatus } from "kubernetes-types/core/v1.js";
import { ageColumn, nameColumn } from "./columns.ts";
import { type FieldError, invalidValue } from "./field-error.ts";
import { defineKind, type KubeObject } from "./kind.ts";
import { finalizerNameErrors } from "./metadata-validation.ts";
import { nameIsDns1123Label } from "./names.ts";

export interface Namespace extends KubeObject {
  spec: NamespaceSpec;
  status?: NamespaceStatus;
}

/** The label by which selectors can name a namespace. Always there, always its own name. */
export const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

export const Namespace = defineKind<Namespace>({
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  shortNames: ["ns"],
  namespaced: false,
  storagePrefix: "namespaces",
  schema: "io.k8s.api.core.v1.Namespace",
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  hasStatus: true,
  subresources: [{ name: "finalize", kind: "Namespace", verbs: ["update"] }],
  columns: [
    nameColumn,
    {
      name: "Status",
      type: "string",
      description: "The status of the namespace",
      value: (namespace) => namespace.status?.phase ?? "",
    },
    ageColumn,
  ],
  selectableFields: (namespace) => ({
    name: namespace.metadata.name,
    "status.phase": namespace.status?.phase ?? "",
  }),

  validateName: nameIsDns1123Label,
  setDefaults(namespace) {
    namespace.spec ??= {};
    namespace.status ??= {};
    namespace.status.phase ||= "Active";
    if (namespace.metadata.name) {
      namespace.metadata.labels ??= {};
      namespace.metadata.labels[NAMESPACE_NAME_LABEL] = namespace.metadata.name;
    }
  },
  prepareForCreate(namespace) {
    namespace.status = { phase: "Active" };
    const finalizers = namespace.spec.finalizers ?? [];
    if (!finalizers.includes("kubernetes")) finalizers.push("kubernetes");
    namespace.spec.finalizers = finalizers;
  },
  /** Only /finalize may change the finalizers, so that no one deletes a room with people in it. */
  prepareForUpdate(namespace, old) {
    const { finalizers } = old.spec;
    namespace.spec = { ...namespace.spec, ...(finalizers ? { finalizers } : {}) };
    namespace.status = old.status ?? { phase: "Active" };
  },
  validate: ({ spec }) =>
    (spec.finalizers ?? []).flatMap((one) => finalizerNameErrors(one, "spec.finalizers")),
  validateStatusUpdate,
  isHeldByFinalizers: (namespace) => (namespace.spec.finalizers?.length ?? 0) > 0,
  example: { apiVersion: "v1", kind: "Namespace", metadata: { name: "example" }, spec: {} },
});

function validateStatusUpdate(namespace: Namespace): FieldError[] {
  const { phase = "" } = namespace.status ?? {};
  if (namespace.metadata.deletionTimestamp === undefined) {
    if (phase === "Active") return [];
    return [
      invalidValue("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty"),
    ];
  }
  if (phase === "Terminating") return [];
  return [
    invalidValue(
      "status.Phase",
      phase,
      "may only be 'Terminating' if `deletionTimestamp` is not empty",
    ),
  ];
}
