/**
 * A Binding ties a pod to a node. It is a message, not a record: it can only be created, and what
 * is kept of it is the pod's `spec.nodeName`. The scheduler's whole output is Bindings.
 *
 * In Kubernetes: pkg/registry/core/pod/storage/storage.go (BindingREST)
 */
import type { ObjectReference } from "kubernetes-types/core/v1.js";
import { type FieldError, notSupported, required } from "./field-error.ts";
import { defineKind, type KubeObject } from "./kind.ts";

export interface Binding extends KubeObject {
  target: ObjectReference;
}

export const Binding = defineKind<Binding>({
  group: "",
  version: "v1",
  kind: "Binding",
  plural: "bindings",
  namespaced: true,
  storagePrefix: "bindings",
  schema: "io.k8s.api.core.v1.Binding",
  verbs: ["create"],
  validate: ({ target }) => validateTarget(target),
  example: {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name: "example" },
    target: { kind: "Node", name: "node1" },
  },
});

/** The target is a node, the default where no kind is given. */
function validateTarget(target: Partial<ObjectReference> = {}): FieldError[] {
  const errors: FieldError[] = [];
  if (target.kind !== undefined && target.kind !== "" && target.kind !== "Node") {
    errors.push(notSupported("target.kind", target.kind, ["Node", "<empty>"]));
  }
  if (!target.name) errors.push(required("target.name"));
  return errors;
}
