/**
 * The claims a pod uses: those it names, and those that are made for it alone and have its name and that of
 * the volume (generic ephemeral volumes).
 *
 * In Kubernetes: staging/src/k8s.io/component-helpers/storage/ephemeral/ephemeral.go
 */
import type { Volume } from "kubernetes-types/core/v1.js";
import type { KubeObject } from "./kind.ts";
import type { Pod } from "./pod.ts";

export function claimNamesOf(pod: Pod): string[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => claimNameOf(pod, volume) ?? []);
}

/** Undefined where the volume is no claim. */
export function claimNameOf({ metadata }: Pod, volume: Volume): string | undefined {
  if (volume.ephemeral) return `${metadata.name}-${volume.name}`;
  return volume.persistentVolumeClaim?.claimName;
}

/** Whether a claim of that name was made for this pod, and not for another or by hand. */
export function isMadeFor(pod: Pod, { metadata }: KubeObject): boolean {
  return (
    metadata.ownerReferences?.some((ref) => ref.controller && ref.uid === pod.metadata.uid) ?? false
  );
}
