/** The parts of a kubelet that are about its node: its status, its lease, whether it can run pods. */
import type { Foundation, Settings } from "../foundation.ts";
import { addressesOf, labelsOf } from "../options.ts";
import { NodeLease } from "./lease.ts";
import { ReadyGate } from "./ready-gate.ts";
import { NodeStatus } from "./status.ts";
import type { Signal } from "./thresholds.ts";

export interface NodeParts {
  status: NodeStatus;
  lease: NodeLease;
  gate: ReadyGate;
  /** What pods may use, as the API server has it; before it has, as it will be. */
  allocatable(): Record<string, string>;
  /** The conditions of what it is short of: "MemoryPressure". */
  pressures(): string[];
}

export function assembleNode(
  foundation: Foundation,
  isShortOf: (signal: Signal) => boolean,
): NodeParts {
  const { settings } = foundation;
  const gate = new ReadyGate(foundation);
  const client = settings.heartbeats ?? foundation.client;
  const status = new NodeStatus({
    ...{ ...foundation, client },
    machine: settings.machine,
    addresses: addressesOf(settings),
    labels: labelsOf(settings),
    spec: specOf(settings),
    maxPods: settings.maxPods,
    allocatable: settings.allocatable ?? {},
    kubeletPort: settings.port,
    health: async () => ({
      notReady: await gate.check(),
      isMemoryShort: isShortOf("memory.available"),
      isDiskShort: isShortOf("nodefs.available"),
      arePidsShort: false,
    }),
    updateMs: settings.nodeStatusUpdateMs,
    reportMs: settings.nodeStatusReportMs,
  });
  const lease = new NodeLease({ ...foundation, client, node: () => status.node });
  const allocatable = () => status.node?.status?.allocatable ?? allocatableOf(settings);
  const pressures = () => [
    ...(isShortOf("memory.available") ? ["MemoryPressure"] : []),
    ...(isShortOf("nodefs.available") ? ["DiskPressure"] : []),
  ];
  return { status, lease, gate, allocatable, pressures };
}

function specOf({ podCIDR, taints, isSchedulable }: Settings) {
  return {
    ...(podCIDR ? { podCIDR, podCIDRs: [podCIDR] } : {}),
    ...(taints?.length ? { taints } : {}),
    ...(isSchedulable === false ? { unschedulable: true } : {}),
  };
}

function allocatableOf({ machine, maxPods, allocatable }: Settings): Record<string, string> {
  return {
    cpu: `${machine.cpuCount}`,
    memory: `${machine.memoryBytes}`,
    pods: `${maxPods}`,
    ...allocatable,
  };
}
