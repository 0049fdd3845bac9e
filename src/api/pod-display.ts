/**
 * What `kubectl get pods` says of a pod in one word and three numbers. A later word outdoes an
 * earlier one: the phase, the pod's own reason, what keeps an init container, what keeps a
 * container, and at last that the pod is going.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go (printPod)
 */
import type { ContainerState, ContainerStatus } from "kubernetes-types/core/v1.js";
import type { Pod } from "./pod.ts";
import { conditionOf, hasEnded } from "./pod-status.ts";
import { isSidecar } from "./resources.ts";

export interface PodSummary {
  ready: number;
  total: number;
  reason: string;
  restarts: number;
  /** When the last of these restarts was: a time, or undefined. */
  lastRestart: string | undefined;
}

export function summarize(pod: Pod): PodSummary {
  const summary = blankSummary(pod);
  const isInitializing = addInitContainers(pod, summary);
  if (!isInitializing || conditionOf(pod, "Initialized")?.status === "True") {
    addContainers(pod, summary);
  }
  if (pod.metadata.deletionTimestamp) {
    if (pod.status?.reason === "NodeLost") summary.reason = "Unknown";
    else if (!hasEnded(pod)) summary.reason = "Terminating";
  }
  return summary;
}

function blankSummary(pod: Pod): PodSummary {
  const { containers, initContainers = [] } = pod.spec;
  const isGated = conditionOf(pod, "PodScheduled")?.reason === "SchedulingGated";
  const reason = pod.status?.reason || pod.status?.phase || "";
  return {
    ready: 0,
    total: containers.length + initContainers.filter(isSidecar).length,
    reason: isGated ? "SchedulingGated" : reason,
    restarts: 0,
    lastRestart: undefined,
  };
}

/** Stops at the first init container that is not done, and says what it is at. */
function addInitContainers(pod: Pod, summary: PodSummary): boolean {
  const { initContainers = [] } = pod.spec;
  const sidecars = new Set(initContainers.filter(isSidecar).map(({ name }) => name));
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    countRestarts(summary, status);
    if (status.state?.terminated?.exitCode === 0) continue;
    if (sidecars.has(status.name) && status.started) {
      if (status.ready) summary.ready++;
      continue;
    }
    const progress = `${index}/${initContainers.length}`;
    summary.reason = `Init:${whyNotInitialized(status.state ?? {}) ?? progress}`;
    return true;
  }
  return false;
}

function whyNotInitialized({ terminated, waiting }: ContainerState): string | undefined {
  if (terminated) return terminated.reason || howItEnded(terminated);
  const isHeld = waiting?.reason && waiting.reason !== "PodInitializing";
  return isHeld ? waiting.reason : undefined;
}

/** Once initialized, the restarts of init containers count no more, but for those that stay. */
function addContainers(pod: Pod, summary: PodSummary): void {
  const sidecars = new Set(
    (pod.spec.initContainers ?? []).filter(isSidecar).map((one) => one.name),
  );
  summary.restarts = 0;
  summary.lastRestart = undefined;
  for (const status of pod.status?.initContainerStatuses ?? []) {
    if (sidecars.has(status.name)) countRestarts(summary, status);
  }

  let hasRunning = false;
  for (const status of (pod.status?.containerStatuses ?? []).toReversed()) {
    const { waiting, terminated, running } = status.state ?? {};
    countRestarts(summary, status);
    if (waiting?.reason) summary.reason = waiting.reason;
    else if (terminated) summary.reason = terminated.reason || howItEnded(terminated);
    else if (status.ready && running) {
      hasRunning = true;
      summary.ready++;
    }
  }
  if (summary.reason === "Completed" && hasRunning) {
    const isReady = conditionOf(pod, "Ready")?.status === "True";
    summary.reason = isReady ? "Running" : "NotReady";
  }
}

function howItEnded({ signal, exitCode }: { signal?: number; exitCode: number }): string {
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

function countRestarts(summary: PodSummary, status: ContainerStatus): void {
  summary.restarts += status.restartCount;
  const ended = status.lastState?.terminated?.finishedAt;
  if (ended && (summary.lastRestart === undefined || ended > summary.lastRestart)) {
    summary.lastRestart = ended;
  }
}
