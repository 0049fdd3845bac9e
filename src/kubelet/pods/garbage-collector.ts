/**
 * Clears up what no pod needs: containers of pods that are gone, dead containers but the last of each
 * name, dead sandboxes, directories of pods that nobody knows.
 *
 * In Kubernetes: HandlePodCleanups in pkg/kubelet/kubelet_pods.go, pkg/kubelet/kuberuntime/kuberuntime_gc.go
 */
import type { Pod } from "../../api/pod.ts";
import type { Clock } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import type { PodSources } from "../pod-sources/sources.ts";
import type { ContainerStatus, Runtime } from "../runtime/runtime.ts";
import type { Volumes } from "../volumes/volumes.ts";
import type { Pleg } from "./pleg.ts";
import type { PodState } from "./state.ts";
import type { PodWorkers } from "./workers.ts";

const DEAD_EVERY_MS = 60_000;
const DEAD_PER_CONTAINER = 1;
const ORPHAN_GRACE_SECONDS = 1;

export interface GarbageCollectorOptions {
  runtime: Runtime;
  pleg: Pleg;
  workers: PodWorkers;
  sources: PodSources;
  volumes: Volumes;
  clock: Clock;
  log: Log;
}

export class GarbageCollector {
  readonly #options: GarbageCollectorOptions;
  #lastMs: number;

  constructor(options: GarbageCollectorOptions) {
    this.#options = options;
    this.#lastMs = options.clock.monotonicMs();
  }

  /** Ends what belongs to no pod, once it is known which pods there are. */
  async keepHouse(): Promise<void> {
    const { sources, pleg, workers, clock, log } = this.#options;
    if (!sources.areAllSeen) return;
    for (const uid of pleg.uids()) {
      if (!workers.has(uid)) workers.removeOrphan(orphanOf(pleg.get(uid)!), ORPHAN_GRACE_SECONDS);
    }
    if (clock.monotonicMs() - this.#lastMs < DEAD_EVERY_MS) return;
    this.#lastMs = clock.monotonicMs();
    try {
      await this.collect();
    } catch (error) {
      log.error("Container garbage collection failed", error);
    }
  }

  /** Removes the dead. */
  async collect(): Promise<void> {
    const { runtime, pleg, workers, volumes } = this.#options;
    for (const uid of pleg.uids()) {
      const state = pleg.get(uid);
      if (state === undefined) continue;
      for (const container of surplusContainers(state)) await runtime.removeContainer(container.id);
      for (const id of surplusSandboxes(state)) await runtime.removeSandbox(id);
    }
    for (const uid of await volumes.podUids()) {
      if (!workers.has(uid) && pleg.get(uid) === undefined) await volumes.remove(uid);
    }
  }
}

/** Of each name the newest dead one stays, for `kubectl logs --previous`. */
export function surplusContainers({ containers }: PodState): ContainerStatus[] {
  const names = new Set(containers.map(({ name }) => name));
  return [...names].flatMap((name) => {
    const ofName = containers.filter((container) => container.name === name);
    // A dead one that is the latest tells how the container is: it is not counted.
    const dead = ofName.slice(1).filter(({ state }) => state !== "running");
    return dead.slice(DEAD_PER_CONTAINER);
  });
}

/** Dead sandboxes but the newest, as long as no container of theirs is kept. */
export function surplusSandboxes({ sandboxes, containers }: PodState): string[] {
  return sandboxes
    .slice(1)
    .filter(({ id, state }) => state !== "ready" && !containers.some((c) => c.sandboxId === id))
    .map(({ id }) => id);
}

/** A pod made of what the runtime knows of it: enough to end it. */
function orphanOf({ pod, containers }: PodState): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...pod },
    spec: {
      containers: [...new Set(containers.map(({ name }) => name))].map((name) => ({ name })),
      terminationGracePeriodSeconds: ORPHAN_GRACE_SECONDS,
    },
  };
}
