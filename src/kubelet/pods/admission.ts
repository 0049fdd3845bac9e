/**
 * Whether this node can take a pod: a pure function. The scheduler has asked the same before, but a
 * pod may come without it, or two decisions may have crossed.
 *
 * In Kubernetes: pkg/kubelet/lifecycle/predicate.go
 */

import type { Node } from "../../api/node.ts";
import { matchesRequiredNodeAffinity } from "../../api/node-selector.ts";
import type { Pod } from "../../api/pod.ts";
import { formatQuantity, milliValue, type Quantity, wholeValue } from "../../api/quantity.ts";
import { addAmounts, podRequests, qosClassOf, readResources } from "../../api/resources.ts";
import { isCritical } from "./eviction-order.ts";
import type { PodEnd } from "./status.ts";

export interface NodeRoom {
  node: Node | undefined;
  allocatable: Record<string, string>;
  /** The pods already admitted. */
  others: Pod[];
  /** "MemoryPressure", "DiskPressure": what the node is short of. */
  pressures: string[];
}

/** Why not; undefined if it may run. */
export function admit(pod: Pod, room: NodeRoom): PodEnd | undefined {
  return (
    checkPressure(pod, room.pressures) ??
    checkRoom(pod, room) ??
    checkPorts(pod, room.others) ??
    checkNode(pod, room.node) ??
    undefined
  );
}

/** Short of memory alone, a node still takes pods that say how much they need. */
function checkPressure(pod: Pod, pressures: string[]): PodEnd | undefined {
  if (pressures.length === 0 || isCritical(pod)) return undefined;
  if (pressures.join() === "MemoryPressure") {
    const isTolerated = pod.spec.tolerations?.some(
      ({ key, operator }) =>
        key === "node.kubernetes.io/memory-pressure" || (!key && operator === "Exists"),
    );
    if (qosClassOf(pod.spec) !== "BestEffort" || isTolerated) return undefined;
  }
  return { reason: "Evicted", message: `The node had condition: [${pressures.join(", ")}]. ` };
}

function checkRoom(pod: Pod, { allocatable, others }: NodeRoom): PodEnd | undefined {
  const active = others.filter((other) => other.metadata.uid !== pod.metadata.uid);
  const capacity = readResources(allocatable);
  const most = wholeValue(capacity.pods ?? { nano: 0n, notation: "decimal" });
  if (active.length + 1 > most) {
    return outOf("pods", "1", `${active.length}`, `${most}`);
  }
  const used = active.map((other) => podRequests(other.spec)).reduce(addAmounts, {});
  for (const [name, asked] of Object.entries(podRequests(pod.spec))) {
    const has = capacity[name]?.nano ?? 0n;
    const taken = used[name]?.nano ?? 0n;
    if (asked.nano === 0n || asked.nano + taken <= has) continue;
    return outOf(name, ...[asked, used[name], capacity[name]].map((q) => figure(name, q)));
  }
  return undefined;
}

function outOf(name: string, ...[asked = "0", used = "0", has = "0"]: string[]): PodEnd {
  return {
    reason: `OutOf${name}`,
    message: `Node didn't have enough resource: ${name}, requested: ${asked}, used: ${used}, capacity: ${has}`,
  };
}

function figure(name: string, quantity: Quantity | undefined): string {
  if (quantity === undefined) return "0";
  if (name === "cpu") return `${milliValue(quantity)}`;
  return name === "memory" ? `${wholeValue(quantity)}` : formatQuantity(quantity);
}

function checkPorts(pod: Pod, others: Pod[]): PodEnd | undefined {
  const taken = others
    .filter((other) => other.metadata.uid !== pod.metadata.uid)
    .flatMap(hostPortsOf);
  const isTaken = hostPortsOf(pod).some((port) => taken.some((other) => collide(port, other)));
  if (!isTaken) return undefined;
  return {
    reason: "NodePorts",
    message:
      "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
  };
}

interface HostPort {
  hostIP: string;
  protocol: string;
  hostPort: number;
}

function hostPortsOf({ spec }: Pod): HostPort[] {
  return spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort = 0, hostIP = "", protocol = "TCP" }) =>
      hostPort > 0 ? [{ hostIP: hostIP || "0.0.0.0", protocol, hostPort }] : [],
    ),
  );
}

function collide(a: HostPort, b: HostPort): boolean {
  if (a.hostPort !== b.hostPort || a.protocol !== b.protocol) return false;
  return a.hostIP === b.hostIP || a.hostIP === "0.0.0.0" || b.hostIP === "0.0.0.0";
}

function checkNode(pod: Pod, node: Node | undefined): PodEnd | undefined {
  if (node === undefined || matchesRequiredNodeAffinity(pod.spec, node)) return undefined;
  return {
    reason: "NodeAffinity",
    message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
  };
}
