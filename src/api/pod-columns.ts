/**
 * The cells of `kubectl get pods`. STATUS is not the phase: it is the most telling word among the
 * states of the containers, and pod-display.ts finds it.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go (printPod)
 */
import { age, ageColumn, nameColumn } from "./columns.ts";
import type { Column } from "./kind.ts";
import type { Pod } from "./pod.ts";
import { summarize } from "./pod-display.ts";
import { conditionOf } from "./pod-status.ts";

export const podColumns: Column<Pod>[] = [
  nameColumn,
  {
    name: "Ready",
    type: "string",
    description: "The aggregate readiness state of this pod for accepting traffic.",
    value: (pod) => {
      const { ready, total } = summarize(pod);
      return `${ready}/${total}`;
    },
  },
  {
    name: "Status",
    type: "string",
    description: "The aggregate status of the containers in this pod.",
    value: (pod) => summarize(pod).reason,
  },
  {
    name: "Restarts",
    type: "string",
    description:
      "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.",
    value: (pod, now) => {
      const { restarts, lastRestart } = summarize(pod);
      const isDated = restarts > 0 && lastRestart !== undefined;
      return isDated ? `${restarts} (${age(lastRestart, now)} ago)` : String(restarts);
    },
  },
  ageColumn,
  {
    name: "IP",
    type: "string",
    priority: 1,
    description:
      "podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.",
    value: ({ status }) => status?.podIPs?.[0]?.ip || status?.podIP || "<none>",
  },
  {
    name: "Node",
    type: "string",
    priority: 1,
    description:
      "NodeName is a request to schedule this pod onto a specific node. If it is non-empty, the scheduler simply schedules this pod onto that node, assuming that it fits resource requirements.",
    value: ({ spec }) => spec.nodeName || "<none>",
  },
  {
    name: "Nominated Node",
    type: "string",
    priority: 1,
    description:
      "nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled right away as preemption victims receive their graceful termination periods. This field does not guarantee that the pod will be scheduled on this node. Scheduler may decide to place the pod elsewhere if other nodes become available sooner. Scheduler may also decide to give the resources on this node to a higher priority pod that is created after preemption. As a result, this field may be different than PodSpec.nodeName when the pod is scheduled.",
    value: ({ status }) => status?.nominatedNodeName || "<none>",
  },
  {
    name: "Readiness Gates",
    type: "string",
    priority: 1,
    description:
      'If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its containers are ready AND all conditions specified in the readiness gates have status equal to "True" More info: https://git.k8s.io/enhancements/keps/sig-network/580-pod-readiness-gates',
    value: readinessGates,
  },
];

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  const open = gates.filter((gate) => conditionOf(pod, gate.conditionType)?.status === "True");
  return gates.length === 0 ? "<none>" : `${open.length}/${gates.length}`;
}
