/**
 * Brings one pod one step closer to its spec: volumes, sandbox, containers to kill, containers to
 * start; and tells its status before and after.
 *
 * In Kubernetes: SyncPod in pkg/kubelet/kubelet.go and pkg/kubelet/kuberuntime/kuberuntime_manager.go
 */
import type { Container, PodStatus } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import type { EventRecorder } from "../../client/events.ts";
import type { Clock } from "../../component/clock.ts";
import { BackOff, goDuration } from "../containers/back-off.ts";
import { containerHash } from "../containers/hash.ts";
import type { ContainerKiller } from "../containers/killer.ts";
import type { ContainerStarter, Place } from "../containers/start.ts";
import { StartError } from "../containers/start-error.ts";
import type { WaitReasons } from "../containers/wait-reasons.ts";
import type { Runtime, SandboxConfig } from "../runtime/runtime.ts";
import type { Volumes } from "../volumes/volumes.ts";
import { computeActions, type PodActions, type Verdicts } from "./actions.ts";
import type { Pleg } from "./pleg.ts";
import { emptyState, identityOf, latest, type PodState, readySandbox } from "./state.ts";
import type { SyncResult } from "./workers.ts";

export interface PodSyncOptions {
  runtime: Runtime;
  pleg: Pleg;
  events: EventRecorder;
  clock: Clock;
  verdicts: Verdicts;
  volumes: Volumes;
  starter: ContainerStarter;
  killer: ContainerKiller;
  reasons: WaitReasons;
  sandboxConfig(pod: Pod, attempt: number): SandboxConfig;
  /** Tells the API server how the pod is, and gives back what was told. */
  report(pod: Pod): PodStatus;
}

export class PodSync {
  readonly #options: PodSyncOptions;
  readonly #backOff: BackOff;
  /** The state each pod was in when its last sync was done with it. */
  readonly #seen = new Map<string, PodState>();

  constructor(options: PodSyncOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.clock);
  }

  async sync(pod: Pod, signal: AbortSignal): Promise<SyncResult> {
    const { report, pleg, volumes, verdicts } = this.#options;
    if (hasEnded(report(pod))) return { isOver: true };
    await volumes.mount(pod);
    const state = pleg.get(pod.metadata.uid ?? "") ?? emptyState(identityOf(pod));
    const actions = computeActions(pod.spec, state, verdicts);
    this.#seen.set(state.pod.uid, state);
    if (!hasWork(actions)) return {};
    let waits: Waits = new Map();
    try {
      waits = await this.#carryOut(pod, state, actions, signal);
    } finally {
      await pleg.relist();
      if (!signal.aborted) report(pod);
    }
    return { againInMs: this.#againInMs(pod, waits) };
  }

  /** Whether nothing has happened to the pod since the end of its last sync. */
  isCurrent(pod: Pod): boolean {
    const uid = pod.metadata.uid ?? "";
    return this.#options.pleg.get(uid) === this.#seen.get(uid);
  }

  /** At once, if there is more to do than to wait for what could not be started. */
  #againInMs(pod: Pod, waits: Waits): number {
    const { pleg, verdicts } = this.#options;
    const state = pleg.get(pod.metadata.uid ?? "");
    if (state === undefined) return 0;
    this.#seen.set(state.pod.uid, state);
    const { killPod, kill, start } = computeActions(pod.spec, state, verdicts);
    const isMore = killPod || kill.length > 0 || start.some(({ name }) => !waits.has(name));
    return isMore ? 0 : Math.min(Infinity, ...waits.values());
  }

  forget(pod: Pod): void {
    this.#seen.delete(pod.metadata.uid ?? "");
    for (const container of pod.spec.containers) this.#backOff.reset(backOffKey(pod, container));
    this.#backOff.collectGarbage();
  }

  async #carryOut(
    pod: Pod,
    state: PodState,
    actions: PodActions,
    signal: AbortSignal,
  ): Promise<Waits> {
    const { killer } = this.#options;
    const waits: Waits = new Map();
    if (actions.killPod) await this.#killAll(pod, state, actions);
    if (actions.killPod && !actions.createSandbox) return waits;
    if (!actions.killPod) {
      await Promise.all(
        actions.kill.map(({ container, message }) => killer.kill(pod, container, message)),
      );
    }
    const place = actions.createSandbox
      ? await this.#createSandbox(pod, actions.attempt, signal)
      : this.#placeIn(pod, actions);
    for (const container of actions.start) {
      signal.throwIfAborted();
      const waitMs = await this.#start(pod, container, state, place, signal);
      if (waitMs !== undefined) waits.set(container.name, waitMs);
    }
    return waits;
  }

  async #killAll(pod: Pod, state: PodState, { createSandbox }: PodActions): Promise<void> {
    const { events, killer, runtime } = this.#options;
    if (createSandbox && state.sandboxes.length > 0) {
      const message = "Pod sandbox changed, it will be killed and re-created.";
      events.event(pod, "Normal", "SandboxChanged", message);
    }
    const running = state.containers.filter((container) => container.state === "running");
    await Promise.all(running.map((container) => killer.kill(pod, container)));
    for (const sandbox of state.sandboxes) {
      if (sandbox.state === "ready") await runtime.stopSandbox(sandbox.id);
    }
  }

  async #createSandbox(pod: Pod, attempt: number, signal: AbortSignal): Promise<Place> {
    const { runtime, events, pleg, sandboxConfig } = this.#options;
    try {
      const sandbox = sandboxConfig(pod, attempt);
      const sandboxId = await runtime.runSandbox(sandbox, signal);
      await pleg.relist();
      const state = pleg.get(pod.metadata.uid ?? "");
      return { sandboxId, sandbox, podIP: (state && readySandbox(state)?.ip) || "" };
    } catch (error) {
      signal.throwIfAborted();
      const message = `Failed to create pod sandbox: ${(error as Error).message}`;
      events.event(pod, "Warning", "FailedCreatePodSandBox", message);
      throw new Error(message, { cause: error });
    }
  }

  #placeIn(pod: Pod, { sandbox }: PodActions): Place {
    const { sandboxConfig } = this.#options;
    return {
      sandboxId: sandbox!.id,
      sandbox: sandboxConfig(pod, sandbox!.attempt),
      podIP: sandbox!.ip,
    };
  }

  /** Starts it, unless it has to wait. Resolves to when to try again, if that is known. */
  async #start(
    pod: Pod,
    container: Container,
    state: PodState,
    place: Place,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { starter, reasons } = this.#options;
    const uid = pod.metadata.uid ?? "";
    const waitMs = this.#crashWaitMs(pod, container, state, place);
    if (waitMs > 0) return waitMs;
    try {
      await starter.start(pod, container, this.#attempt(pod, container, state), place, signal);
      reasons.clear(uid, container.name);
      return undefined;
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      reasons.set(uid, container.name, { reason: error.reason, message: error.message });
      return error.retryMs ?? RETRY_MS;
    }
  }

  /** Milliseconds until a container that ended may be started again. */
  #crashWaitMs(pod: Pod, container: Container, state: PodState, place: Place): number {
    const { events, reasons } = this.#options;
    const last = latest(state, container.name);
    if (last?.state !== "exited" || last.sandboxId !== place.sandboxId) return 0;
    const since = last.finishedAt ?? last.createdAt;
    const key = backOffKey(pod, container);
    const waitMs = this.#backOff.remainingMs(key, since);
    if (waitMs === 0) {
      this.#backOff.next(key, since);
      return 0;
    }
    const { name, namespace, uid } = identityOf(pod);
    const whom = `${name}_${namespace}(${uid})`;
    const delay = goDuration(this.#backOff.delayMs(key));
    const said = `Back-off restarting failed container ${container.name} in pod ${whom}`;
    events.event(pod, "Warning", "BackOff", said, `spec.containers{${container.name}}`);
    const message = `back-off ${delay} restarting failed container=${container.name} pod=${whom}`;
    reasons.set(uid, container.name, { reason: "CrashLoopBackOff", message });
    return waitMs;
  }

  /** One more than the last; where the runtime has forgotten it, the pod's status may know. */
  #attempt({ status }: Pod, { name }: Container, state: PodState): number {
    const last = latest(state, name);
    if (last !== undefined) return last.attempt + 1;
    const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
    const known = all.find((entry) => entry.name === name);
    return known?.containerID ? known.restartCount + 1 : 0;
  }
}

const RETRY_MS = 10_000;

/** By container: milliseconds until it is worth trying to start it again. */
type Waits = Map<string, number>;

function hasWork({ killPod, createSandbox, kill, start }: PodActions): boolean {
  return killPod || createSandbox || kill.length > 0 || start.length > 0;
}

function backOffKey(pod: Pod, container: Container): string {
  return `${pod.metadata.uid}/${container.name}/${containerHash(container)}`;
}

export function hasEnded({ phase }: PodStatus): boolean {
  return phase === "Succeeded" || phase === "Failed";
}
