/**
 * Whether a node is one for a daemon set's pod: by its name, its labels and its taints. Whether there
 * is room is not asked; that is for the scheduler to say of each pod.
 *
 * In Kubernetes: NodeShouldRunDaemonPod in pkg/controller/daemon/daemon_controller.go
 */
import { isDeepStrictEqual } from "node:util";
import type { DaemonSet } from "../../api/apps/daemon-set.ts";
import type { Node } from "../../api/node.ts";
import { matchesRequiredNodeAffinity } from "../../api/node-selector.ts";
import { toleratesTaint } from "../../api/taints.ts";
import { daemonTolerations } from "./daemon-pod.ts";

export interface NodeFit {
  /** A pod is to be made for it. */
  shouldRun: boolean;
  /** A pod that is there already may stay. */
  mayStay: boolean;
}

export function fitOf({ spec }: DaemonSet, node: Node): NodeFit {
  const { spec: pod } = spec.template;
  const isNamed = !pod.nodeName || pod.nodeName === node.metadata.name;
  if (!isNamed || !matchesRequiredNodeAffinity(pod, node)) {
    return { shouldRun: false, mayStay: false };
  }
  const tolerations = daemonTolerations(pod);
  const refused = (node.spec?.taints ?? []).filter((taint) => !toleratesTaint(tolerations, taint));
  return {
    shouldRun: refused.every(({ effect }) => effect !== "NoSchedule" && effect !== "NoExecute"),
    mayStay: refused.every(({ effect }) => effect !== "NoExecute"),
  };
}

/** Whether a change of a node could change its fit: a heartbeat does not. */
export function concernsDaemons(node: Node, old: Node): boolean {
  return (
    !isDeepStrictEqual(node.metadata.labels, old.metadata.labels) ||
    !isDeepStrictEqual(node.spec, old.spec)
  );
}
