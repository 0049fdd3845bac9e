/**
 * All probes of the node's containers: starts workers for containers that run, stops them when they
 * end, and answers what has been found out.
 *
 * In Kubernetes: pkg/kubelet/prober/prober_manager.go
 */
import type { Container, Probe } from "kubernetes-types/core/v1.js";
import type { Pod } from "../../api/pod.ts";
import type { EventRecorder } from "../../client/events.ts";
import type { Random } from "../../component/random.ts";
import { fieldPathOf } from "../containers/start-error.ts";
import type { Verdicts } from "../pods/actions.ts";
import { latest, type PodState, readySandbox } from "../pods/state.ts";
import { type ProbeType, ProbeWorker } from "./probe-worker.ts";
import { type ProberOptions, runProbe } from "./prober.ts";

export interface ProbesOptions extends ProberOptions {
  events: EventRecorder;
  random: Random;
  /** Called when a verdict has changed: the pod has to be looked at. */
  onChange(podUid: string): void;
}

const TYPES: ProbeType[] = ["startup", "liveness", "readiness"];
const TITLES = { startup: "Startup", liveness: "Liveness", readiness: "Readiness" };

interface Probed {
  podUid: string;
  workers: Map<ProbeType, ProbeWorker>;
}

export class Probes implements Verdicts {
  readonly #options: ProbesOptions;
  readonly #byContainer = new Map<string, Probed>();

  constructor(options: ProbesOptions) {
    this.#options = options;
  }

  /** Starts and stops workers so that just the pod's running containers are probed. */
  follow(pod: Pod, state: PodState): void {
    const podUid = pod.metadata.uid ?? "";
    const running = state.containers.filter((container) => container.state === "running");
    for (const [id, probed] of this.#byContainer) {
      const isGone = probed.podUid === podUid && !running.some((container) => container.id === id);
      if (isGone) this.#stop(id);
    }
    for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
      const status = latest(state, container.name);
      if (status?.state !== "running" || this.#byContainer.has(status.id)) continue;
      const podIP = readySandbox(state)?.ip || (pod.status?.hostIP ?? "127.0.0.1");
      this.#start(pod, container, status.id, podIP, status.startedAt ?? status.createdAt);
    }
  }

  /** Liveness and startup no longer matter once the pod is being ended. */
  endLiveness(podUid: string): void {
    for (const probed of this.#byContainer.values()) {
      if (probed.podUid !== podUid) continue;
      for (const type of ["liveness", "startup"] as const) probed.workers.get(type)?.stop();
    }
  }

  forget(podUid: string): void {
    for (const [id, probed] of this.#byContainer) if (probed.podUid === podUid) this.#stop(id);
  }

  isAlive(containerId: string): boolean {
    return this.#verdict(containerId, "liveness") !== false;
  }

  mayStillStart(containerId: string): boolean {
    return this.#verdict(containerId, "startup") !== false;
  }

  hasStarted(containerId: string): boolean {
    const workers = this.#byContainer.get(containerId)?.workers;
    return !workers?.has("startup") || this.#verdict(containerId, "startup") === true;
  }

  isReady(containerId: string): boolean {
    const workers = this.#byContainer.get(containerId)?.workers;
    return !workers?.has("readiness") || this.#verdict(containerId, "readiness") === true;
  }

  #verdict(containerId: string, type: ProbeType): boolean | undefined {
    return this.#byContainer.get(containerId)?.workers.get(type)?.verdict;
  }

  #start(pod: Pod, container: Container, id: string, podIP: string, startedAt: Date): void {
    const podUid = pod.metadata.uid ?? "";
    const workers = new Map<ProbeType, ProbeWorker>();
    this.#byContainer.set(id, { podUid, workers });
    for (const type of TYPES) {
      const probe = container[`${type}Probe`];
      if (probe)
        workers.set(type, this.#worker(type, probe, { pod, container, id, podIP, startedAt }));
    }
    for (const worker of workers.values()) worker.start();
  }

  #worker(
    type: ProbeType,
    probe: Probe,
    about: { pod: Pod; container: Container; id: string; podIP: string; startedAt: Date },
  ): ProbeWorker {
    const { events, random, clock, onChange } = this.#options;
    const { pod, container, id, podIP, startedAt } = about;
    const target = { probe, container, containerId: id, podIP };
    const fieldPath = fieldPathOf(pod, container.name);
    return new ProbeWorker({
      type,
      probe,
      clock,
      startedAtMs: startedAt.getTime(),
      jitter: random.next() * FIRST_PROBE_SPREAD,
      run: (signal) => runProbe(target, this.#options, signal),
      isDue: () => (type === "startup" ? !this.hasStarted(id) : this.hasStarted(id)),
      onVerdict: () => onChange(pod.metadata.uid ?? ""),
      onFailure: (output) =>
        events.event(
          pod,
          "Warning",
          "Unhealthy",
          `${TITLES[type]} probe failed: ${output}`,
          fieldPath,
        ),
    });
  }

  #stop(containerId: string): void {
    const probed = this.#byContainer.get(containerId);
    for (const worker of probed?.workers.values() ?? []) worker.stop();
    this.#byContainer.delete(containerId);
  }
}

/** The first probe comes soon: a pod should not wait for most of a period before it is ready. */
const FIRST_PROBE_SPREAD = 0.05;
