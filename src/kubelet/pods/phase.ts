/**
 * The phase of a pod, from the statuses of its containers: a pure function.
 *
 * In Kubernetes: getPhase in pkg/kubelet/kubelet_pods.go
 */
import type { ContainerStatus, PodSpec } from "kubernetes-types/core/v1.js";
import { isSidecar } from "./state.ts";

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

interface Counts {
  running: number;
  waiting: number;
  stopped: number;
  succeeded: number;
}

/** `isTerminal`: the pod is being ended, so that nothing will be restarted. */
export function phaseOf(
  spec: PodSpec,
  initStatuses: ContainerStatus[],
  statuses: ContainerStatus[],
  isTerminal: boolean,
): Phase {
  const init = initialization(spec, initStatuses);
  if (init === "failed" && spec.restartPolicy === "Never") return "Failed";
  const counts = count(statuses);
  counts.waiting += spec.containers.length - statuses.length;
  const hasBegun = counts.running + counts.stopped > 0;
  if (init !== "done" && !hasBegun && !isTerminal) return "Pending";
  if (counts.waiting > 0) return isTerminal ? endOf(counts) : "Pending";
  if (counts.running > 0) return "Running";
  if (isTerminal) return endOf(counts);
  if (spec.restartPolicy === "Always" || spec.restartPolicy === undefined) return "Running";
  if (counts.stopped === counts.succeeded) return "Succeeded";
  return spec.restartPolicy === "Never" ? "Failed" : "Running";
}

/** What never started has failed as well: a job would wait for it for ever. */
function endOf({ running, waiting, stopped, succeeded }: Counts): Phase {
  if (running > 0) return "Running";
  return waiting === 0 && stopped > 0 && stopped === succeeded ? "Succeeded" : "Failed";
}

function initialization(spec: PodSpec, statuses: ContainerStatus[]): "done" | "pending" | "failed" {
  let result: "done" | "pending" | "failed" = "done";
  for (const container of spec.initContainers ?? []) {
    const status = statuses.find(({ name }) => name === container.name);
    if (isSidecar(container)) {
      if (status?.started !== true && result === "done") result = "pending";
      continue;
    }
    const ended = status?.state?.terminated ?? status?.lastState?.terminated;
    if (status?.state?.running || ended === undefined) {
      if (result === "done") result = "pending";
    } else if (ended.exitCode !== 0) {
      result = "failed";
    }
  }
  return result;
}

function count(statuses: ContainerStatus[]): Counts {
  const counts: Counts = { running: 0, waiting: 0, stopped: 0, succeeded: 0 };
  for (const { state, lastState } of statuses) {
    if (state?.running) counts.running++;
    else if (state?.terminated) {
      counts.stopped++;
      if (state.terminated.exitCode === 0) counts.succeeded++;
    } else if (lastState?.terminated) counts.stopped++;
    else counts.waiting++;
  }
  return counts;
}
