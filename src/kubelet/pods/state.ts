/**
 * What the runtime has of one pod: its sandboxes and containers, the newest first, dead ones too.
 *
 * In Kubernetes: PodStatus in pkg/kubelet/container/runtime.go
 */
import type { Container } from "kubernetes-types/core/v1.js";
import type { ContainerStatus, PodIdentity, Sandbox } from "../runtime/runtime.ts";

export interface PodState {
  pod: PodIdentity;
  sandboxes: Sandbox[];
  containers: ContainerStatus[];
}

export function emptyState(pod: PodIdentity): PodState {
  return { pod, sandboxes: [], containers: [] };
}

/** The newest container of that name. */
export function latest(state: PodState, name: string): ContainerStatus | undefined {
  return state.containers.find((container) => container.name === name);
}

export function isRunning(state: PodState, name: string): boolean {
  return latest(state, name)?.state === "running";
}

/** The sandbox that is up, if exactly one is. */
export function readySandbox(state: PodState): Sandbox | undefined {
  const ready = state.sandboxes.filter((sandbox) => sandbox.state === "ready");
  return ready.length === 1 ? ready[0] : undefined;
}

export function hasRunning(state: PodState): boolean {
  return state.containers.some((container) => container.state === "running");
}

/** An init container that goes on running beside the others: a sidecar. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

export function identityOf(pod: {
  metadata: { name: string; namespace?: string; uid?: string };
}): PodIdentity {
  const { name, namespace = "default", uid = "" } = pod.metadata;
  return { name, namespace, uid };
}
