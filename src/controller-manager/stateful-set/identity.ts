/**
 * Who a pod of a stateful set is: its number gives it its name, its host name and its claims, and
 * whoever comes after it under that number is the same to the world.
 *
 * In Kubernetes: pkg/controller/statefulset/stateful_set_utils.go
 */
import type { Volume } from "kubernetes-types/core/v1.js";
import type { StatefulSet } from "../../api/apps/stateful-set.ts";
import { controllerRef } from "../../api/owner.ts";
import type { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import type { Pod } from "../../api/pod.ts";
import type { PodTemplate } from "../../api/replication-controller.ts";
import type { Draft } from "../../client/client.ts";

export const NAME_LABEL = "statefulset.kubernetes.io/pod-name";
export const INDEX_LABEL = "apps.kubernetes.io/pod-index";
export const REVISION_LABEL = "controller-revision-hash";

/** The number in a pod's name, if the name is one this set would give. */
export function ordinalOf({ metadata }: Pod, set: StatefulSet): number | undefined {
  const [, parent, ordinal] = /^(.*)-([0-9]+)$/.exec(metadata.name) ?? [];
  if (parent !== set.metadata.name || Number(ordinal) > 2 ** 31 - 1) return undefined;
  return Number(ordinal);
}

export function podNameOf(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

export function firstOrdinal({ spec }: StatefulSet): number {
  return spec.ordinals?.start ?? 0;
}

export function isInRange(set: StatefulSet, ordinal: number): boolean {
  const first = firstOrdinal(set);
  return ordinal >= first && ordinal < first + (set.spec.replicas ?? 1);
}

export function revisionOf({ metadata }: Pod): string {
  return metadata.labels?.[REVISION_LABEL] ?? "";
}

/** The pod with this number, made from a revision's template. */
export function podFor(
  set: StatefulSet,
  ordinal: number,
  template: PodTemplate,
  revision: string,
): Draft<Pod> {
  const { metadata: { labels, annotations, finalizers } = {}, spec } = template;
  const name = podNameOf(set, ordinal);
  const volumes = volumesFor(set, ordinal, spec.volumes ?? []);
  return {
    metadata: {
      name,
      labels: { ...labels, ...identityLabels(set, ordinal), [REVISION_LABEL]: revision },
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerRef(set)],
    },
    spec: {
      ...spec,
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  };
}

export function identityLabels(set: StatefulSet, ordinal: number): Record<string, string> {
  return { [NAME_LABEL]: podNameOf(set, ordinal), [INDEX_LABEL]: String(ordinal) };
}

/** A claim takes the place of a volume of the same name. */
function volumesFor(set: StatefulSet, ordinal: number, others: Volume[]): Volume[] {
  const claimed = claimNames(set, ordinal).map(([name, claimName]) => ({
    name,
    persistentVolumeClaim: { claimName },
  }));
  return [...claimed, ...others.filter(({ name }) => !claimed.some((one) => one.name === name))];
}

/** The names of the volumes that are claims, each with the claim's own: "www" and "www-web-0". */
export function claimNames(set: StatefulSet, ordinal: number): [volume: string, claim: string][] {
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => {
    const name = metadata?.name ?? "";
    return [name, `${name}-${podNameOf(set, ordinal)}`];
  });
}

export function claimsFor(set: StatefulSet, ordinal: number): Draft<PersistentVolumeClaim>[] {
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata = {}, spec = {} }) => ({
    metadata: {
      name: `${metadata.name}-${podNameOf(set, ordinal)}`,
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
      ...(metadata.annotations && { annotations: metadata.annotations }),
    },
    spec,
  }));
}
