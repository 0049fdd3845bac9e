/**
 * Two pods can't have the same port of the same address of a node.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/nodeports
 */
import type { Pod } from "../../api/pod.ts";
import { type Plugin, unschedulable } from "../framework.ts";
import { hostPortsOf, UsedPorts } from "../host-ports.ts";

export const nodePorts: Plugin = {
  name: "NodePorts",
  wakesOn: ["AssignedPodDelete", "NodeAdd", "NodeLabelChange"],
  isHelpedBy(pod, { event, object }) {
    if (event !== "AssignedPodDelete") return true;
    const freed = new UsedPorts();
    freed.add(hostPortsOf((object as Pod).spec));
    return hostPortsOf(pod.spec).some((port) => freed.conflictsWith(port));
  },
  filter({ pod: { hostPorts } }) {
    if (hostPorts.length === 0) return undefined;
    return ({ usedPorts }) =>
      hostPorts.some((port) => usedPorts.conflictsWith(port)) ? PORTS_TAKEN : undefined;
  },
};

const PORTS_TAKEN = unschedulable("node(s) didn't have free ports for the requested pod ports");
