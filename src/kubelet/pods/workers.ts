/**
 * One worker per pod: never two at a time for the same pod, and of several updates only the latest is
 * looked at. A pod goes one way only: it is kept in sync, then being ended, then over.
 *
 * In Kubernetes: pkg/kubelet/pod_workers.go
 * Differs: a pod that backs off is looked at again just when its wait is over.
 */
import type { Pod } from "../../api/pod.ts";
import type { Clock, Timer } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import type { Random } from "../../component/random.ts";
import type { PodEnd } from "./status.ts";

const RESYNC_MS = 60_000;
const RETRY_MS = 10_000;

/** What to do after a sync: look again in so long; or end the pod. */
export interface SyncResult {
  againInMs?: number;
  /** The pod has run to its end, or must not run (any longer): why, for its status. */
  isOver?: boolean;
  end?: PodEnd;
}

/** What the workers do with a pod, step by step. */
export interface PodTasks {
  sync(pod: Pod, signal: AbortSignal): Promise<SyncResult>;
  /** Whether nothing has happened to the pod that its last sync has not seen. */
  isCurrent(pod: Pod): boolean;
  /** Stops all that runs of it. Called again, beside itself, when the grace period is cut short. */
  terminate(pod: Pod, end: PodEnd | undefined, graceSeconds: number | undefined): Promise<void>;
  /** Nothing runs any more: clears up, writes the last status. */
  finish(pod: Pod, end: PodEnd | undefined): Promise<void>;
  /** The pod is gone from where it came from: nothing of it is to stay. */
  forget(pod: Pod): Promise<void>;
  failed(pod: Pod, error: unknown): void;
}

interface Worker {
  pod: Pod;
  stage: "syncing" | "terminating" | "finishing" | "over";
  end: PodEnd | undefined;
  graceSeconds: number | undefined;
  isRemoved: boolean;
  isBusy: boolean;
  isDirty: boolean;
  mayHaveChanged: boolean;
  abort: AbortController;
  timer: Timer | undefined;
}

export class PodWorkers {
  readonly #tasks: PodTasks;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  readonly #workers = new Map<string, Worker>();

  constructor(options: {
    tasks: PodTasks;
    clock: Clock;
    random: Random;
    log: Log;
    signal: AbortSignal;
  }) {
    this.#tasks = options.tasks;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#log = options.log;
    this.#signal = options.signal;
    options.signal.addEventListener("abort", () => this.#stop(), { once: true });
  }

  has(uid: string): boolean {
    return this.#workers.has(uid);
  }

  /** Pods that have not ended: their resources and ports are in use. */
  activePods(): Pod[] {
    return [...this.#workers.values()]
      .filter(({ stage }) => stage !== "over")
      .map(({ pod }) => pod);
  }

  /** There is a pod, or it has changed. */
  update(pod: Pod): void {
    const worker = this.#of(pod);
    worker.pod = pod;
    if (pod.metadata.deletionTimestamp) this.#end(worker, pod.metadata.deletionGracePeriodSeconds);
    this.#wake(worker);
  }

  /** The pod has a newer version that asks for nothing new. */
  refresh(pod: Pod): void {
    const worker = this.#workers.get(pod.metadata.uid ?? "");
    if (worker) worker.pod = pod;
  }

  /** Its source no longer has it. */
  remove(uid: string): void {
    const worker = this.#workers.get(uid);
    if (worker === undefined) return;
    worker.isRemoved = true;
    this.#end(worker, undefined);
    this.#wake(worker);
  }

  /** Ends a pod that nobody knows: only the runtime has it. */
  removeOrphan(pod: Pod, graceSeconds: number): void {
    const worker = this.#of(pod);
    worker.isRemoved = true;
    this.#end(worker, graceSeconds);
    this.#wake(worker);
  }

  /** Ends a pod that its node cannot keep, and says why. */
  endPod(uid: string, end: PodEnd, graceSeconds: number): void {
    const worker = this.#workers.get(uid);
    if (worker?.stage !== "syncing") return;
    worker.end = end;
    this.#end(worker, graceSeconds);
    this.#wake(worker);
  }

  /** A probe has found out something: look at the pod. */
  wake(uid: string): void {
    const worker = this.#workers.get(uid);
    if (worker?.stage === "syncing") this.#wake(worker);
  }

  /** Its containers have changed; perhaps by what its own sync is doing, and has seen already. */
  stateChanged(uid: string): void {
    const worker = this.#workers.get(uid);
    if (worker?.stage !== "syncing") return;
    if (worker.isBusy) worker.mayHaveChanged = true;
    else this.#wake(worker);
  }

  #of(pod: Pod): Worker {
    const uid = pod.metadata.uid ?? "";
    const known = this.#workers.get(uid);
    if (known) return known;
    const worker: Worker = {
      pod,
      stage: "syncing",
      end: undefined,
      graceSeconds: undefined,
      isRemoved: false,
      isBusy: false,
      isDirty: false,
      mayHaveChanged: false,
      abort: new AbortController(),
      timer: undefined,
    };
    this.#workers.set(uid, worker);
    return worker;
  }

  /** A grace period can be cut short, never made longer; a second is the least. */
  #end(worker: Worker, graceSeconds: number | undefined): void {
    const grace = graceSeconds === undefined ? undefined : Math.max(1, graceSeconds);
    if (worker.stage === "syncing") {
      worker.stage = "terminating";
      worker.graceSeconds = grace;
      worker.abort.abort(new Error("the pod is being ended"));
      return;
    }
    const current = worker.graceSeconds ?? worker.pod.spec.terminationGracePeriodSeconds ?? 30;
    if (worker.stage !== "terminating" || grace === undefined || grace >= current) return;
    worker.graceSeconds = grace;
    if (worker.isBusy) void this.#hasten(worker);
  }

  async #hasten(worker: Worker): Promise<void> {
    try {
      await this.#tasks.terminate(worker.pod, worker.end, worker.graceSeconds);
    } catch (error) {
      this.#tasks.failed(worker.pod, error);
    }
  }

  #wake(worker: Worker): void {
    worker.timer?.cancel();
    worker.isDirty = true;
    if (!worker.isBusy) void this.#work(worker);
  }

  async #work(worker: Worker): Promise<void> {
    worker.isBusy = true;
    while (this.#hasWork(worker) && !this.#signal.aborted) {
      worker.isDirty = false;
      worker.mayHaveChanged = false;
      const againMs = await this.#step(worker);
      if (againMs === undefined) continue;
      worker.timer?.cancel();
      worker.timer = this.#clock.setTimeout(() => this.#wake(worker), againMs);
    }
    worker.isBusy = false;
  }

  #hasWork({ isDirty, mayHaveChanged, pod }: Worker): boolean {
    return isDirty || (mayHaveChanged && !this.#tasks.isCurrent(pod));
  }

  /** Takes the pod one step further; resolves to when to look again. */
  async #step(worker: Worker): Promise<number | undefined> {
    try {
      if (worker.stage === "syncing") return await this.#sync(worker);
      if (worker.stage === "terminating") {
        await this.#tasks.terminate(worker.pod, worker.end, worker.graceSeconds);
        worker.stage = "finishing";
      }
      if (worker.stage === "finishing" || !worker.isRemoved) {
        await this.#tasks.finish(worker.pod, worker.end);
        worker.stage = "over";
      }
      if (worker.isRemoved) await this.#forget(worker);
      return undefined;
    } catch (error) {
      if (this.#signal.aborted) return undefined;
      if (worker.abort.signal.aborted && worker.isDirty) return undefined;
      this.#tasks.failed(worker.pod, error);
      return this.#jittered(RETRY_MS);
    }
  }

  async #sync(worker: Worker): Promise<number | undefined> {
    const result = await this.#tasks.sync(worker.pod, worker.abort.signal);
    if (worker.stage !== "syncing") {
      worker.isDirty = true;
      return undefined;
    }
    if (result.isOver) {
      worker.stage = "terminating";
      worker.end = result.end;
      worker.isDirty = true;
      return undefined;
    }
    return Math.min(result.againInMs ?? Infinity, this.#jittered(RESYNC_MS));
  }

  async #forget(worker: Worker): Promise<void> {
    await this.#tasks.forget(worker.pod);
    worker.timer?.cancel();
    this.#workers.delete(worker.pod.metadata.uid ?? "");
  }

  #jittered(ms: number): number {
    return ms * (1 + this.#random.next() / 2);
  }

  #stop(): void {
    for (const worker of this.#workers.values()) {
      worker.timer?.cancel();
      worker.abort.abort(new Error("the kubelet is stopping"));
    }
    this.#log.info("Pod workers stopped", { pods: this.#workers.size }, 2);
  }
}
