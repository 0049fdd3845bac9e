/**
 * The pod of a daemon set on one node: meant for that node by its affinity, so that the scheduler
 * binds it there and nowhere else, and tolerant of what keeps ordinary pods away.
 *
 * In Kubernetes: pkg/controller/daemon/util/daemonset_util.go
 */
import type { Affinity, PodSpec, Toleration } from "kubernetes-types/core/v1.js";
import { type DaemonSet, TEMPLATE_GENERATION } from "../../api/apps/daemon-set.ts";
import { controllerRef } from "../../api/owner.ts";
import type { Pod } from "../../api/pod.ts";
import type { Draft } from "../../client/client.ts";

export const HASH_LABEL = "controller-revision-hash";
export const GENERATION_LABEL = "pod-template-generation";

const EVERYWHERE: [name: string, effect: string][] = [
  ["not-ready", "NoExecute"],
  ["unreachable", "NoExecute"],
  ["disk-pressure", "NoSchedule"],
  ["memory-pressure", "NoSchedule"],
  ["pid-pressure", "NoSchedule"],
  ["unschedulable", "NoSchedule"],
];
const IN_HOST_NETWORK: [name: string, effect: string] = ["network-unavailable", "NoSchedule"];

export function daemonPodFor(set: DaemonSet, nodeName: string, hash: string): Draft<Pod> {
  const { metadata: { labels, annotations, finalizers } = {}, spec } = set.spec.template;
  return {
    metadata: {
      generateName: `${set.metadata.name}-`,
      labels: { ...labels, [GENERATION_LABEL]: generationOf(set), [HASH_LABEL]: hash },
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerRef(set)],
    },
    spec: {
      ...spec,
      tolerations: daemonTolerations(spec),
      affinity: affinityTo(nodeName, spec.affinity),
    },
  };
}

/** Those of the template, and those every daemon has: it stays where others must leave. */
export function daemonTolerations(spec: PodSpec): Toleration[] {
  const wanted = [...EVERYWHERE, ...(spec.hostNetwork ? [IN_HOST_NETWORK] : [])].map(
    ([name, effect]) => ({ key: `node.kubernetes.io/${name}`, operator: "Exists", effect }),
  );
  const others = (spec.tolerations ?? []).filter((one) => !wanted.some((own) => isAlike(own, one)));
  return [...others, ...wanted];
}

function isAlike(a: Toleration, b: Toleration): boolean {
  return (
    a.key === b.key && a.effect === b.effect && a.operator === b.operator && !a.value && !b.value
  );
}

/** The template's own demands on nodes have been looked at already, and give way to the node's name. */
function affinityTo(nodeName: string, affinity: Affinity = {}): Affinity {
  const byName = { key: "metadata.name", operator: "In", values: [nodeName] };
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [byName] }],
      },
    },
  };
}

/** The node a daemon pod is on or is meant for. */
export function targetNodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    const byName = matchFields.find(({ key }) => key === "metadata.name");
    if (byName?.operator === "In" && byName.values?.length === 1) return byName.values[0];
  }
  return undefined;
}

/** Whether it was made from today's template. */
export function isUpToDate({ metadata }: Pod, set: DaemonSet, hash: string): boolean {
  const { labels = {} } = metadata;
  return labels[HASH_LABEL] === hash || labels[GENERATION_LABEL] === generationOf(set);
}

function generationOf({ metadata }: DaemonSet): string {
  return metadata.annotations?.[TEMPLATE_GENERATION] ?? "0";
}
