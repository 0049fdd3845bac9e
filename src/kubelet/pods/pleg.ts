/**
 * The pod lifecycle event generator: finds out what the runtime has of each pod, remembers it, and
 * says which pods have changed. It lists everything now and then; the runtime's own events, and the
 * kubelet's own deeds, make it look sooner. However often it is asked, one list is under way at a time.
 *
 * In Kubernetes: pkg/kubelet/pleg/generic.go, pkg/kubelet/container/cache.go
 * Differs: the status of a container is read again only when its state has changed.
 */
import type { Clock } from "../../component/clock.ts";
import { every } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import { goDuration } from "../containers/back-off.ts";
import { withLastWords } from "../containers/termination-message.ts";
import {
  type Container,
  type ContainerStatus,
  NotFoundError,
  type PodIdentity,
  type Runtime,
  type Sandbox,
} from "../runtime/runtime.ts";
import { emptyState, type PodState } from "./state.ts";

const HEALTHY_MS = 180_000;

export interface PlegOptions {
  runtime: Runtime;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  periodMs: number;
}

export class Pleg {
  readonly #options: PlegOptions;
  readonly #states = new Map<string, PodState>();
  readonly #prints = new Map<string, string>();
  readonly #listeners: ((uid: string) => void)[] = [];
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #lastRelistMs: number | undefined;

  constructor(options: PlegOptions) {
    this.#options = options;
  }

  start(): void {
    const { runtime, clock, signal, periodMs } = this.#options;
    const look = () => void this.relist().catch((error: unknown) => this.#failed(error));
    runtime.watchEvents(look, signal);
    every(clock, periodMs, signal, look);
  }

  /** Told of each pod of which something has changed. */
  onChange(listener: (uid: string) => void): void {
    this.#listeners.push(listener);
  }

  get(uid: string): PodState | undefined {
    return this.#states.get(uid);
  }

  /** All pods the runtime has something of. */
  uids(): string[] {
    return [...this.#states.keys()];
  }

  /** Lists once more, from now on: what happened before the call is seen when it resolves. */
  relist(): Promise<void> {
    if (this.#running === undefined) return this.#begin();
    this.#next ??= Promise.allSettled([this.#running]).then(() => this.#begin());
    return this.#next;
  }

  /** Rejects, saying why, when the runtime has not answered for long. */
  checkHealthy(): void {
    if (this.#lastRelistMs === undefined) throw new Error("pleg has yet to be successful");
    const agoMs = this.#options.clock.monotonicMs() - this.#lastRelistMs;
    if (agoMs <= HEALTHY_MS) return;
    throw new Error(
      `pleg was last seen active ${goDuration(Math.round(agoMs))} ago; threshold is 3m0s`,
    );
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    this.#running = this.#relist().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #relist(): Promise<void> {
    const { runtime, clock } = this.#options;
    const [sandboxes, containers] = await Promise.all([
      runtime.listSandboxes(),
      runtime.listContainers(),
    ]);
    this.#lastRelistMs = clock.monotonicMs();
    const byPod = groupByPod(sandboxes, containers);
    const changed: string[] = [];
    for (const [uid, found] of byPod) {
      const print = printOf(found);
      if (print === this.#prints.get(uid)) continue;
      this.#states.set(uid, await this.#inspect(found, this.#states.get(uid)));
      this.#prints.set(uid, print);
      changed.push(uid);
    }
    for (const uid of this.#states.keys()) {
      if (byPod.has(uid)) continue;
      this.#states.delete(uid);
      this.#prints.delete(uid);
      changed.push(uid);
    }
    for (const uid of changed) for (const listener of this.#listeners) listener(uid);
  }

  /** Looks closer at the containers whose state has changed; the others are as they were. */
  async #inspect(found: Found, known: PodState | undefined): Promise<PodState> {
    const statuses = await Promise.all(
      found.containers.map(async (container) => {
        const before = known?.containers.find(({ id }) => id === container.id);
        if (before?.state === container.state) return before;
        return this.#statusOf(container.id);
      }),
    );
    return {
      pod: found.pod,
      sandboxes: found.sandboxes.toSorted(newestFirst),
      containers: statuses.filter((status) => status !== undefined).toSorted(newestFirst),
    };
  }

  async #statusOf(id: string): Promise<ContainerStatus | undefined> {
    try {
      const { runtime, clock } = this.#options;
      return await withLastWords(await runtime.containerStatus(id), runtime, clock);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  #failed(error: unknown): void {
    if (!this.#options.signal.aborted) this.#options.log.error("Relisting failed", error);
  }
}

interface Found {
  pod: PodIdentity;
  sandboxes: Sandbox[];
  containers: Container[];
}

function groupByPod(sandboxes: Sandbox[], containers: Container[]): Map<string, Found> {
  const byPod = new Map<string, Found>();
  const of = (pod: PodIdentity): Found => {
    const found = byPod.get(pod.uid) ?? { ...emptyState(pod), containers: [] };
    byPod.set(pod.uid, found);
    return found;
  };
  for (const sandbox of sandboxes) of(sandbox.pod).sandboxes.push(sandbox);
  for (const container of containers) of(container.pod).containers.push(container);
  return byPod;
}

/** Two equal prints: nothing has changed in between. */
function printOf({ sandboxes, containers }: Found): string {
  const ofSandboxes = sandboxes.map(({ id, state, ip }) => `${id} ${state} ${ip}`);
  const ofContainers = containers.map(({ id, state }) => `${id} ${state}`);
  return [...ofSandboxes, ...ofContainers].toSorted().join("\n");
}

function newestFirst<T extends { attempt: number; createdAt: Date }>(a: T, b: T): number {
  return b.createdAt.getTime() - a.createdAt.getTime() || b.attempt - a.attempt;
}
