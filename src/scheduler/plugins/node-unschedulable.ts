/**
 * A cordoned node takes no new pods, but those that tolerate it.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/nodeunschedulable
 */
import type { Node } from "../../api/node.ts";
import { toleratesTaint } from "../../api/taints.ts";
import { type Plugin, unresolvable } from "../framework.ts";

export const nodeUnschedulable: Plugin = {
  name: "NodeUnschedulable",
  wakesOn: ["NodeAdd", "NodeTaintChange"],
  isHelpedBy: (_pod, { object }) => !(object as Node).spec.unschedulable,
  filter({ pod }) {
    if (toleratesTaint(pod.spec.tolerations, CORDONED)) return undefined;
    return ({ isCordoned }) => (isCordoned ? UNSCHEDULABLE : undefined);
  },
};

const CORDONED = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
const UNSCHEDULABLE = unresolvable("node(s) were unschedulable");
