/**
 * An event lives in the namespace of what it is about; events about cluster-scoped objects live in
 * "default".
 *
 * In Kubernetes: pkg/apis/core/validation/events.go; differs: the stricter rules of events.k8s.io,
 * which core/v1 does not apply to itself, are not here.
 */
import type { Event } from "./event.ts";
import { type FieldError, invalidValue } from "./field-error.ts";

/** Kinds of this cluster without a namespace, about which events are filed under "default". */
const clusterScoped = ["Namespace", "Node", "PersistentVolume"];

export function validateEvent({ metadata, involvedObject }: Event): FieldError[] {
  const { kind = "", namespace = "" } = involvedObject;
  const path = "involvedObject.namespace";
  const where = metadata.namespace ?? "";
  const mismatch = "does not match event.namespace";
  if (namespace === "") {
    const isFiledRight = where === "default" || where === "kube-system";
    return isFiledRight ? [] : [invalidValue(path, namespace, mismatch)];
  }
  if (clusterScoped.includes(kind)) {
    return [invalidValue(path, namespace, `not allowed on ${kind}`)];
  }
  return where === namespace ? [] : [invalidValue(path, namespace, mismatch)];
}
