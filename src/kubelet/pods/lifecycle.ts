/**
 * What the kubelet does with a pod from its arrival to its end: admit it, keep it in sync, end it,
 * clear up after it.
 *
 * In Kubernetes: SyncPod, SyncTerminatingPod and SyncTerminatedPod in pkg/kubelet/kubelet.go
 */
import type { PodStatus } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import type { EventRecorder } from "../../client/events.ts";
import { type Clock, toApiTime } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import type { ContainerKiller } from "../containers/killer.ts";
import type { WaitReasons } from "../containers/wait-reasons.ts";
import type { Probes } from "../probes/probes.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { VolumeError, type Volumes } from "../volumes/volumes.ts";
import { admit, type NodeRoom } from "./admission.ts";
import type { Pleg } from "./pleg.ts";
import { emptyState, hasRunning, identityOf } from "./state.ts";
import { type PodEnd, podStatusOf } from "./status.ts";
import type { StatusWriter } from "./status-writer.ts";
import type { PodSync } from "./sync.ts";
import type { PodTasks, SyncResult } from "./workers.ts";

export interface PodLifecycleOptions {
  runtime: Runtime;
  runtimeName: string;
  hostIP: string;
  pleg: Pleg;
  events: EventRecorder;
  clock: Clock;
  log: Log;
  probes: Probes;
  volumes: Volumes;
  killer: ContainerKiller;
  reasons: WaitReasons;
  statuses: StatusWriter;
  /** Undefined while the node is not ready to run pods on a network: then why. */
  notReady(): string[];
  room(): NodeRoom;
}

export class PodLifecycle implements PodTasks {
  readonly #options: PodLifecycleOptions;
  readonly #admitted = new Set<string>();
  #sync: PodSync | undefined;

  constructor(options: PodLifecycleOptions) {
    this.#options = options;
  }

  /** The two need each other: syncing reports the status, which is this one's. */
  use(sync: PodSync): void {
    this.#sync = sync;
  }

  async sync(pod: Pod, signal: AbortSignal): Promise<SyncResult> {
    const refusal = this.#admit(pod);
    if (refusal) return { isOver: true, end: refusal };
    if (this.#deadlineMs(pod) <= 0) return { isOver: true, end: DEADLINE_EXCEEDED };
    const notReady = this.#options.notReady();
    if (notReady.length > 0 && !pod.spec.hostNetwork) {
      throw new Error(`network is not ready: ${notReady.join(", ")}`);
    }
    const result = await this.#sync!.sync(pod, signal);
    return {
      ...result,
      againInMs: Math.min(result.againInMs ?? Infinity, this.#deadlineMs(pod)),
    };
  }

  isCurrent(pod: Pod): boolean {
    return this.#sync!.isCurrent(pod);
  }

  async terminate(pod: Pod, end: PodEnd | undefined, graceSeconds: number | undefined) {
    const { pleg, runtime, killer, probes } = this.#options;
    const uid = pod.metadata.uid ?? "";
    probes.endLiveness(uid);
    await pleg.relist();
    this.report(pod, { end });
    const state = pleg.get(uid) ?? emptyState(identityOf(pod));
    const alive = state.containers.filter((container) => container.state !== "exited");
    await Promise.all(alive.map((container) => killer.kill(pod, container, "", graceSeconds)));
    for (const sandbox of state.sandboxes) {
      if (sandbox.state === "ready") await runtime.stopSandbox(sandbox.id);
    }
    await pleg.relist();
    const after = pleg.get(uid);
    if (after && hasRunning(after)) throw new Error("detected running containers after KillPod");
  }

  async finish(pod: Pod, end: PodEnd | undefined): Promise<void> {
    const { probes, volumes, statuses } = this.#options;
    const uid = pod.metadata.uid ?? "";
    this.report(pod, { end, isTerminal: true });
    probes.forget(uid);
    this.#admitted.delete(uid);
    await volumes.remove(uid);
    statuses.allowDeletion(pod);
  }

  async forget(pod: Pod): Promise<void> {
    const { pleg, runtime, statuses, reasons } = this.#options;
    const uid = pod.metadata.uid ?? "";
    for (const container of pleg.get(uid)?.containers ?? []) {
      await runtime.removeContainer(container.id);
    }
    for (const sandbox of pleg.get(uid)?.sandboxes ?? []) await runtime.removeSandbox(sandbox.id);
    statuses.forget(uid);
    reasons.forget(uid);
    this.#sync!.forget(pod);
  }

  failed(pod: Pod, error: unknown): void {
    const { events, log } = this.#options;
    const { name, namespace } = pod.metadata;
    const message = (error as Error).message;
    if (error instanceof VolumeError) events.event(pod, "Warning", "FailedMount", message);
    else if (message.startsWith("network is not ready")) {
      events.event(pod, "Warning", "NetworkNotReady", message);
    }
    log.error("Error syncing pod, skipping", error, { pod: `${namespace}/${name}` });
  }

  /** Tells the API server how the pod is. */
  report(pod: Pod, how: { end?: PodEnd | undefined; isTerminal?: boolean } = {}): PodStatus {
    const { pleg, probes, reasons, statuses, runtimeName, hostIP, clock } = this.#options;
    const uid = pod.metadata.uid ?? "";
    const state = pleg.get(uid) ?? emptyState(identityOf(pod));
    if (!how.isTerminal && !how.end) probes.follow(pod, state);
    const known = statuses.statusOf(uid);
    const status = podStatusOf(known ? { ...pod, status: withOthers(known, pod.status) } : pod, {
      state,
      waiting: (name) => reasons.get(uid, name),
      isReady: (id) => probes.isReady(id),
      hasStarted: (id) => probes.hasStarted(id),
      runtimeName,
      hostIP,
      isTerminal: how.isTerminal ?? false,
      now: toApiTime(clock.now()),
      end: how.end,
    });
    statuses.set(pod, status);
    return status;
  }

  /** Why this node will not have the pod. A pod is asked about once. */
  #admit(pod: Pod): PodEnd | undefined {
    const { pleg, events, room } = this.#options;
    const uid = pod.metadata.uid ?? "";
    if (this.#admitted.has(uid)) return undefined;
    const isKnown = (pleg.get(uid)?.containers.length ?? 0) > 0 || pod.status?.startTime;
    const refusal = isKnown ? undefined : admit(pod, room());
    if (refusal === undefined) this.#admitted.add(uid);
    else events.event(pod, "Warning", refusal.reason, refusal.message);
    return refusal && { reason: refusal.reason, message: `Pod was rejected: ${refusal.message}` };
  }

  /** Milliseconds until the pod has been active for too long. */
  #deadlineMs({ spec, status, metadata }: Pod): number {
    const start =
      status?.startTime ?? this.#options.statuses.statusOf(metadata.uid ?? "")?.startTime;
    if (spec.activeDeadlineSeconds === undefined || start === undefined) return Infinity;
    const activeMs = this.#options.clock.now().getTime() - Date.parse(start);
    return spec.activeDeadlineSeconds * 1000 - activeMs;
  }
}

const DEADLINE_EXCEEDED: PodEnd = {
  reason: "DeadlineExceeded",
  message: "Pod was active on the node longer than the specified deadline",
};

/** Conditions that others have written are theirs: the API server's version counts. */
function withOthers(known: PodStatus, current: PodStatus = {}): PodStatus {
  const own = known.conditions ?? [];
  const others = (current.conditions ?? []).filter(({ type }) => !own.some((c) => c.type === type));
  return { ...known, conditions: [...own, ...others] };
}
