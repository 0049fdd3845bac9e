/**
 * The statuses of a pod's containers, as the API shows them: pure functions of the runtime's state,
 * of why a container does not run, and of what the probes say.
 *
 * In Kubernetes: convertToAPIContainerStatuses in pkg/kubelet/kubelet_pods.go
 */
import type {
  ContainerStatus as ApiContainerStatus,
  Container,
  ContainerState,
  PodSpec,
} from "kubernetes-types/core/v1.js";
import { toApiTime } from "../../component/clock.ts";
import { shouldRestart } from "../pods/actions.ts";
import { isSidecar, type PodState } from "../pods/state.ts";
import type { ContainerStatus } from "../runtime/runtime.ts";

/** Why a container waits: "ErrImagePull", "CrashLoopBackOff". */
export interface WaitReason {
  reason: string;
  message: string;
}

export interface StatusInput {
  spec: PodSpec;
  state: PodState;
  /** The status as it was: of a container whose traces are gone it is all there is. */
  previous: ApiContainerStatus[];
  waiting(name: string): WaitReason | undefined;
  isReady(containerId: string): boolean;
  hasStarted(containerId: string): boolean;
  /** "docker": container IDs are "docker://<id>". */
  runtimeName: string;
  /** Nothing will be started any more. */
  isTerminal: boolean;
}

export function statusesOf(
  containers: Container[],
  role: "init" | "main" | "ephemeral",
  input: StatusInput,
): ApiContainerStatus[] {
  return containers.map((container) => statusOf(container, role, input));
}

function statusOf(
  container: Container,
  role: "init" | "main" | "ephemeral",
  input: StatusInput,
): ApiContainerStatus {
  const found = input.state.containers.filter(({ name }) => name === container.name);
  const [newest, second] = found;
  if (newest === undefined) return statusOfAbsent(container, input);
  const status: ApiContainerStatus = {
    name: container.name,
    state: stateOf(newest, input.runtimeName),
    lastState: second === undefined ? {} : stateOf(second, input.runtimeName),
    ready: false,
    restartCount: newest.attempt,
    image: newest.image,
    imageID: newest.imageId,
    containerID: containerId(newest, input.runtimeName),
    started: newest.state === "running" && input.hasStarted(newest.id),
  };
  if (role === "init" && !isSidecar(container)) status.ready = newest.exitCode === 0;
  else status.ready = status.started === true && input.isReady(newest.id);
  return showWait(status, container, newest, role, input);
}

/** A container that ended and is to be restarted waits; how it ended is its last state. */
function showWait(
  status: ApiContainerStatus,
  container: Container,
  newest: ContainerStatus,
  role: "init" | "main" | "ephemeral",
  { spec, waiting, isTerminal }: StatusInput,
): ApiContainerStatus {
  const reason = waiting(container.name);
  const isOver =
    newest.state === "running" ||
    isTerminal ||
    (role === "init" && !isSidecar(container) && newest.exitCode === 0) ||
    !(isSidecar(container) || shouldRestart(spec, newest));
  if (reason === undefined || isOver) return status;
  if (status.state?.terminated) status.lastState = status.state;
  status.state = { waiting: waitingOf(reason) };
  return status;
}

function statusOfAbsent(container: Container, input: StatusInput): ApiContainerStatus {
  const { name, image = "" } = container;
  const previous = input.previous.find((status) => status.name === name);
  if (previous?.state?.terminated && (input.isTerminal || input.spec.restartPolicy !== "Always")) {
    return previous;
  }
  const status: ApiContainerStatus = {
    name,
    state: { waiting: waitingOf(input.waiting(name) ?? defaultWait(input.spec)) },
    lastState: {},
    ready: false,
    restartCount: previous?.restartCount ?? 0,
    image,
    imageID: "",
    started: false,
  };
  if (previous?.state?.running === undefined) return status;
  return lost(status, input.isTerminal);
}

/** It ran, and the runtime knows nothing of it any more. */
function lost(status: ApiContainerStatus, isTerminal: boolean): ApiContainerStatus {
  const terminated = {
    exitCode: 137,
    reason: "ContainerStatusUnknown",
    message: `The container could not be located when the pod was ${
      isTerminal ? "terminated" : "deleted.  The container used to be Running"
    }`,
  };
  return isTerminal
    ? { ...status, state: { terminated } }
    : { ...status, lastState: { terminated }, restartCount: status.restartCount + 1 };
}

function defaultWait({ initContainers = [] }: PodSpec): WaitReason {
  const reason = initContainers.length > 0 ? "PodInitializing" : "ContainerCreating";
  return { reason, message: "" };
}

function waitingOf({ reason, message }: WaitReason) {
  return message === "" ? { reason } : { reason, message };
}

function stateOf(container: ContainerStatus, runtimeName: string): ContainerState {
  const { state, startedAt, finishedAt, exitCode, reason, message } = container;
  if (state === "running") return { running: { startedAt: toApiTime(startedAt!) } };
  if (state === "created") return { waiting: { reason: "ContainerCreating" } };
  return {
    terminated: {
      exitCode: exitCode ?? 137,
      reason: reason ?? (exitCode === 0 ? "Completed" : "Error"),
      ...(message ? { message } : {}),
      ...(startedAt ? { startedAt: toApiTime(startedAt) } : {}),
      ...(finishedAt ? { finishedAt: toApiTime(finishedAt) } : {}),
      containerID: containerId(container, runtimeName),
    },
  };
}

function containerId({ id }: ContainerStatus, runtimeName: string): string {
  return `${runtimeName}://${id}`;
}
