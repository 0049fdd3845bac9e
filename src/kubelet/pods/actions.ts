/**
 * What to do next for a pod: a pure function of what is asked (its spec), what there is (its state)
 * and what the probes say. It is asked again after every step, so one step at a time is enough.
 *
 * In Kubernetes: computePodActions in pkg/kubelet/kuberuntime/kuberuntime_manager.go
 * Differs: a spec hash covers name and image (as from 1.31), the only fields an update may change.
 */
import type { Container, PodSpec } from "kubernetes-types/core/v1.js";
import { containerHash } from "../containers/hash.ts";
import type { ContainerStatus, Sandbox } from "../runtime/runtime.ts";
import { isSidecar, latest, type PodState, readySandbox } from "./state.ts";

/** What the probes of a container have found out. */
export interface Verdicts {
  isAlive(containerId: string): boolean;
  /** False once its startup probe has given up. */
  mayStillStart(containerId: string): boolean;
  /** True when it has no startup probe, or that has succeeded. */
  hasStarted(containerId: string): boolean;
}

export interface Kill {
  container: ContainerStatus;
  /** Empty: the usual "Stopping container x". */
  message: string;
}

export interface PodActions {
  /** Stop everything, the sandbox too (before making a new one, if that is asked as well). */
  killPod: boolean;
  createSandbox: boolean;
  /** The number of the sandbox to create. */
  attempt: number;
  sandbox: Sandbox | undefined;
  start: Container[];
  kill: Kill[];
}

export function computeActions(spec: PodSpec, state: PodState, verdicts: Verdicts): PodActions {
  const sandbox = usableSandbox(spec, state);
  const actions: PodActions = {
    killPod: sandbox === undefined,
    createSandbox: sandbox === undefined,
    attempt: state.sandboxes.length === 0 ? 0 : state.sandboxes[0]!.attempt + 1,
    sandbox,
    start: [],
    kill: [],
  };
  if (sandbox === undefined) return withNewSandbox(actions, spec, state);
  for (const container of spec.ephemeralContainers ?? []) {
    if (latest(state, container.name) === undefined) actions.start.push(container as Container);
  }
  if (!initialize(actions, spec, state, verdicts)) return actions;
  runMainContainers(actions, spec, state, verdicts);
  return actions;
}

/** The sandbox to go on with; undefined when there is none, or it no longer fits. */
function usableSandbox(spec: PodSpec, state: PodState): Sandbox | undefined {
  const sandbox = readySandbox(state);
  if (sandbox === undefined || sandbox !== state.sandboxes[0]) return undefined;
  if (sandbox.hostNetwork !== (spec.hostNetwork ?? false)) return undefined;
  return sandbox.ip === "" && !sandbox.hostNetwork ? undefined : sandbox;
}

function withNewSandbox(actions: PodActions, spec: PodSpec, state: PodState): PodActions {
  const isOver =
    spec.restartPolicy === "Never" && actions.attempt !== 0 && state.containers.length > 0;
  const start = spec.containers.filter((container) => !hasSucceeded(spec, container, state));
  if (isOver || start.length === 0) return { ...actions, createSandbox: false };
  const init = spec.initContainers ?? [];
  return { ...actions, start: init.length > 0 ? [init[0]!] : start };
}

function hasSucceeded(spec: PodSpec, container: Container, state: PodState): boolean {
  const status = latest(state, container.name);
  return spec.restartPolicy === "OnFailure" && status?.state === "exited" && status.exitCode === 0;
}

/** Takes the init containers one step further. True when the main containers may run. */
function initialize(actions: PodActions, spec: PodSpec, state: PodState, verdicts: Verdicts) {
  const inSandbox = {
    ...state,
    containers: state.containers.filter(({ sandboxId }) => sandboxId === actions.sandbox!.id),
  };
  const isInitialized = spec.containers.some(({ name }) => latest(inSandbox, name) !== undefined);
  for (const container of spec.initContainers ?? []) {
    const status = latest(inSandbox, container.name);
    if (isSidecar(container)) {
      if (!runSidecar(actions, container, status, verdicts) && !isInitialized) return false;
    } else if (!isInitialized && !runToCompletion(actions, spec, container, status)) {
      return false;
    }
  }
  return true;
}

/** True when it is up, so that the next one may start. */
function runSidecar(
  actions: PodActions,
  container: Container,
  status: ContainerStatus | undefined,
  verdicts: Verdicts,
): boolean {
  if (status?.state !== "running") {
    actions.start.push(container);
    return false;
  }
  const why = whyReplace(container, status, verdicts);
  if (why === undefined) return verdicts.hasStarted(status.id);
  actions.kill.push({ container: status, message: `${why}, will be restarted` });
  actions.start.push(container);
  return false;
}

function runToCompletion(
  actions: PodActions,
  spec: PodSpec,
  container: Container,
  status: ContainerStatus | undefined,
): boolean {
  if (status?.state === "exited" && status.exitCode === 0) return true;
  if (status?.state === "running") return false;
  if (status?.state === "exited" && spec.restartPolicy === "Never") actions.killPod = true;
  else actions.start.push(container);
  return false;
}

function runMainContainers(
  actions: PodActions,
  spec: PodSpec,
  state: PodState,
  verdicts: Verdicts,
): void {
  let kept = 0;
  for (const container of spec.containers) {
    const status = latest(state, container.name);
    if (status?.state !== "running") {
      if (shouldRestart(spec, status)) actions.start.push(container);
      continue;
    }
    const why = whyReplace(container, status, verdicts);
    if (why === undefined) {
      kept++;
      continue;
    }
    const isChange = status.specHash !== containerHash(container);
    const restart = isChange || spec.restartPolicy !== "Never";
    actions.kill.push({
      container: status,
      message: restart ? `${why}, will be restarted` : why,
    });
    if (restart) actions.start.push(container);
  }
  if (kept === 0 && actions.start.length === 0) actions.killPod = true;
}

/** Whether a container that is not running should be (again). */
export function shouldRestart(spec: PodSpec, status: ContainerStatus | undefined): boolean {
  if (status === undefined || status.state !== "exited") return status?.state !== "running";
  if (spec.restartPolicy === "Never") return false;
  return !(spec.restartPolicy === "OnFailure" && status.exitCode === 0);
}

function whyReplace(
  container: Container,
  status: ContainerStatus,
  verdicts: Verdicts,
): string | undefined {
  if (status.specHash !== containerHash(container)) {
    return `Container ${container.name} definition changed`;
  }
  if (!verdicts.isAlive(status.id)) return `Container ${container.name} failed liveness probe`;
  if (!verdicts.mayStillStart(status.id)) return `Container ${container.name} failed startup probe`;
  return undefined;
}
