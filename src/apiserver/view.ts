/**
 * A view of an object: another shape in which it is read and written, and in which admission is shown the write. A
 * Scale is one, of everything that has replicas.
 *
 * In Kubernetes: scaleUpdatedObjectInfo in pkg/registry/core/replicationcontroller/storage/storage.go and its like
 */
import type { KubeObject } from "../api/kind.ts";
import type { ObjectKind } from "./admission/admission.ts";

export interface View {
  subresource: string;
  objectKind: ObjectKind;
  of(obj: KubeObject): KubeObject;
  /** Puts what is seen into the object. */
  into(obj: KubeObject, seen: KubeObject): void;
}

/** What admission is shown of an update. */
export function seenThrough(view: View | undefined, object: KubeObject, oldObject: KubeObject) {
  if (view === undefined) return { object, oldObject };
  const { subresource, objectKind } = view;
  return { subresource, objectKind, object: view.of(object), oldObject: view.of(oldObject) };
}
