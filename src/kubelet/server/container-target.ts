/**
 * Finds the container that a request to the kubelet's server means.
 *
 * In Kubernetes: pkg/kubelet/kubelet_pods.go (findContainer, validateContainerLogStatus)
 */
import type { Pod } from "../../api/pod.ts";
import type { Kubelet } from "../kubelet.ts";
import { type PodState, readySandbox } from "../pods/state.ts";
import type { ContainerStatus, Sandbox } from "../runtime/runtime.ts";

/** A request that cannot be served; the text is the whole answer. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** `uid` may be empty. */
export function podFor(kubelet: Kubelet, namespace: string, name: string, uid = ""): Pod {
  const pod = kubelet.pods.get(namespace, name);
  if (pod && (uid === "" || pod.metadata.uid === uid)) return pod;
  throw new RequestError(404, `pod "${name}" does not exist`);
}

/** The running container of that name. */
export function runningContainer(kubelet: Kubelet, pod: Pod, name: string): ContainerStatus {
  const found = stateOf(kubelet, pod)?.containers.find(
    (container) => container.name === name && container.state === "running",
  );
  if (found) return found;
  requireContainer(pod, name);
  throw new RequestError(404, `container not found ("${name}")`);
}

/** The container whose log is meant: the latest, or the one before it. */
export function loggedContainer(
  kubelet: Kubelet,
  pod: Pod,
  name: string,
  isPrevious: boolean,
): ContainerStatus {
  requireContainer(pod, name);
  const ofName = stateOf(kubelet, pod)?.containers.filter((one) => one.name === name) ?? [];
  const begun = ofName.filter(({ startedAt }) => startedAt !== undefined);
  if (isPrevious) {
    const isUp = begun[0]?.state === "running";
    const previous = isUp ? begun[1] : (begun[1] ?? begun[0]);
    if (previous) return previous;
    throw new RequestError(
      400,
      `previous terminated container "${name}" in pod "${pod.metadata.name}" not found`,
    );
  }
  if (begun[0]) return begun[0];
  throw new RequestError(400, whyWaiting(pod, name));
}

export function sandboxFor(kubelet: Kubelet, pod: Pod): Sandbox {
  const state = stateOf(kubelet, pod);
  const sandbox = state && readySandbox(state);
  if (sandbox) return sandbox;
  throw new RequestError(404, `pod not found ("${pod.metadata.name}_${pod.metadata.namespace}")`);
}

function stateOf(kubelet: Kubelet, pod: Pod): PodState | undefined {
  return kubelet.pleg.get(pod.metadata.uid ?? "");
}

function requireContainer({ spec, metadata }: Pod, name: string): void {
  const all = [
    ...spec.containers,
    ...(spec.initContainers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ];
  if (all.some((container) => container.name === name)) return;
  throw new RequestError(404, `container "${name}" not found in pod "${metadata.name}"`);
}

function whyWaiting({ status, metadata }: Pod, name: string): string {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const waiting = all.find((one) => one.name === name)?.state?.waiting;
  const about = `container "${name}" in pod "${metadata.name}"`;
  if (waiting === undefined) return `${about} is not available`;
  if (waiting.reason === "ErrImagePull" || waiting.reason === "ImagePullBackOff") {
    const isBackOff = waiting.reason === "ImagePullBackOff";
    return `${about} is waiting to start: ${isBackOff ? "trying and failing to pull image" : "image can't be pulled"}`;
  }
  return `${about} is waiting to start: ${waiting.reason}`;
}
