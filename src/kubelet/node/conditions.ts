/**
 * The conditions of a node that are its kubelet's to set: a pure function. Ready comes last.
 *
 * In Kubernetes: pkg/kubelet/nodestatus/setters.go
 */
import type { NodeCondition } from "kubernetes-types/core/v1.js";

export interface NodeHealth {
  /** Why the node cannot run pods, if it cannot. */
  notReady: string[];
  isMemoryShort: boolean;
  isDiskShort: boolean;
  arePidsShort: boolean;
}

/** A change of a condition is told as an event of this reason. */
export const CONDITION_EVENTS: Record<string, Record<string, string>> = {
  MemoryPressure: { True: "NodeHasInsufficientMemory", False: "NodeHasSufficientMemory" },
  DiskPressure: { True: "NodeHasDiskPressure", False: "NodeHasNoDiskPressure" },
  PIDPressure: { True: "NodeHasInsufficientPID", False: "NodeHasSufficientPID" },
  Ready: { True: "NodeReady", False: "NodeNotReady" },
};

type Words = [reason: string, message: string];

export function nodeConditionsOf(
  health: NodeHealth,
  previous: NodeCondition[],
  now: string,
): NodeCondition[] {
  const own = [
    condition("MemoryPressure", health.isMemoryShort, [
      health.isMemoryShort ? "KubeletHasInsufficientMemory" : "KubeletHasSufficientMemory",
      health.isMemoryShort
        ? "kubelet has insufficient memory available"
        : "kubelet has sufficient memory available",
    ]),
    condition("DiskPressure", health.isDiskShort, [
      health.isDiskShort ? "KubeletHasDiskPressure" : "KubeletHasNoDiskPressure",
      health.isDiskShort ? "kubelet has disk pressure" : "kubelet has no disk pressure",
    ]),
    condition("PIDPressure", health.arePidsShort, [
      health.arePidsShort ? "KubeletHasInsufficientPID" : "KubeletHasSufficientPID",
      health.arePidsShort
        ? "kubelet has insufficient PID available"
        : "kubelet has sufficient PID available",
    ]),
    readyOf(health.notReady),
  ];
  const others = previous.filter(({ type }) => !own.some((c) => c.type === type));
  return [...others, ...own.map((one) => stamped(one, previous, now))];
}

function condition(type: string, isTrue: boolean, [reason, message]: Words): NodeCondition {
  return { type, status: isTrue ? "True" : "False", reason, message };
}

function readyOf(notReady: string[]): NodeCondition {
  if (notReady.length === 0) {
    return condition("Ready", true, ["KubeletReady", "kubelet is posting ready status"]);
  }
  return condition("Ready", false, ["KubeletNotReady", `[${notReady.join(", ")}]`]);
}

function stamped(one: NodeCondition, previous: NodeCondition[], now: string): NodeCondition {
  const before = previous.find(({ type }) => type === one.type);
  const isSame = before?.status === one.status;
  return {
    type: one.type,
    status: one.status,
    lastHeartbeatTime: now,
    lastTransitionTime: (isSame ? before.lastTransitionTime : undefined) ?? now,
    reason: one.reason ?? "",
    message: one.message ?? "",
  };
}
