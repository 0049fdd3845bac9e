/**
 * The annotation by which volumes and claims named their storage class before there was a field for it.
 *
 * In Kubernetes: BetaStorageClassAnnotation in pkg/apis/core/types.go, and its warning in
 * pkg/api/persistentvolume/util.go
 */
import type { ObjectMeta } from "kubernetes-types/meta/v1.js";

export const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

export function classAnnotationWarnings({ annotations }: ObjectMeta): string[] {
  if (annotations?.[CLASS_ANNOTATION] === undefined) return [];
  return [
    `metadata.annotations[${CLASS_ANNOTATION}]: deprecated since v1.8; use "storageClassName" attribute instead`,
  ];
}
