/**
 * The pods that wait for a node.
 *
 * A pod is in one of three places: *active*, to be tried now, the most important first and among
 * equals the one that has waited longest; *backing off*, after a failure, for 1 s, 2 s, 4 s up to
 * 10 s; or *unschedulable*, until something happens that may help it, and at most 5 minutes.
 *
 * In Kubernetes: pkg/scheduler/internal/queue/scheduling_queue.go
 * Differs: a timer is set for the next back-off to end, where the original looks every second; a
 * cycle runs without interruption, so no event can be missed while a pod is being tried.
 */
import type { Pod } from "../api/pod.ts";
import { keyOf } from "../client/object-cache.ts";
import { type Clock, every, type Timer } from "../component/clock.ts";
import type { ClusterEvent } from "./cluster-event.ts";
import { Heap } from "./heap.ts";

const INITIAL_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 10_000;
const MAX_UNSCHEDULABLE_MS = 5 * 60_000;
const FLUSH_PERIOD_MS = 30_000;

export interface QueuedPod {
  key: string;
  pod: Pod;
  /** How often it has been tried. */
  attempts: number;
  /** When it was put into the queue last. */
  sinceMs: number;
  /** Its place among those put there at the same moment. */
  sequence: number;
  /** Who rejected it: only what these plug-ins wait for wakes it. Empty: anything does. */
  wakesOn: ReadonlySet<ClusterEvent>;
}

export interface QueueOptions {
  clock: Clock;
  signal: AbortSignal;
  /** Told when there is a pod to try. */
  onActive(): void;
}

export class SchedulingQueue {
  readonly #active = new Heap<QueuedPod>(mostUrgentFirst);
  readonly #backingOff = new Heap<QueuedPod>((a, b) => backoffEndMs(a) - backoffEndMs(b));
  readonly #unschedulable = new Map<string, QueuedPod>();
  readonly #options: QueueOptions;
  #timer: Timer | undefined;
  #sequence = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
    every(options.clock, FLUSH_PERIOD_MS, options.signal, () => this.#flushLeftOver());
    options.signal.addEventListener("abort", () => this.#timer?.cancel(), { once: true });
  }

  /** How many pods are where, for metrics. */
  get sizes() {
    return {
      active: this.#active.size,
      backoff: this.#backingOff.size,
      unschedulable: this.#unschedulable.size,
    };
  }

  /** A pod that has just come. */
  add(pod: Pod): void {
    this.#activate({
      key: keyOf(pod.metadata),
      pod,
      attempts: 0,
      sinceMs: this.#nowMs(),
      sequence: 0,
      wakesOn: NOTHING,
    });
  }

  /** The most urgent pod, taken out of the queue. */
  pop(): QueuedPod | undefined {
    const queued = this.#active.pop();
    if (queued) queued.attempts++;
    return queued;
  }

  /** A pod that no node would take: it waits until one of `wakesOn` happens. */
  addUnschedulable(queued: QueuedPod, wakesOn: ReadonlySet<ClusterEvent>): void {
    this.#unschedulable.set(queued.key, { ...queued, wakesOn, sinceMs: this.#nowMs() });
  }

  /** A pod that failed for a reason of no node's: it is tried again soon. */
  addBackingOff(queued: QueuedPod): void {
    this.#backOff({ ...queued, sinceMs: this.#nowMs() });
  }

  /** A waiting pod was changed. Where the change may help, it is tried again. */
  update(pod: Pod, mayHelp: boolean): void {
    const key = keyOf(pod.metadata);
    const waiting = this.#active.get(key) ?? this.#backingOff.get(key);
    if (waiting) {
      waiting.pod = pod;
      return;
    }
    const queued = this.#unschedulable.get(key);
    if (!queued) {
      this.add(pod);
      return;
    }
    queued.pod = pod;
    if (mayHelp) this.#retry(queued);
  }

  delete(key: string): void {
    this.#active.delete(key);
    this.#backingOff.delete(key);
    this.#unschedulable.delete(key);
  }

  has(key: string): boolean {
    return (
      this.#active.get(key) !== undefined ||
      this.#backingOff.get(key) !== undefined ||
      this.#unschedulable.has(key)
    );
  }

  /** Something happened: those it may help are tried again, when their back-off is over. */
  moveOn(event: ClusterEvent, isConcerned: (pod: Pod) => boolean = () => true): void {
    for (const queued of [...this.#unschedulable.values()]) {
      const isWaitingForIt = queued.wakesOn.size === 0 || queued.wakesOn.has(event);
      if (isWaitingForIt && isConcerned(queued.pod)) this.#retry(queued);
    }
  }

  #retry(queued: QueuedPod): void {
    this.#unschedulable.delete(queued.key);
    if (backoffEndMs(queued) <= this.#nowMs()) this.#activate(queued);
    else this.#backOff(queued);
  }

  #activate(queued: QueuedPod): void {
    queued.sequence = this.#sequence++;
    this.#active.push(queued);
    this.#options.onActive();
  }

  #backOff(queued: QueuedPod): void {
    this.#backingOff.push(queued);
    this.#setTimer();
  }

  #setTimer(): void {
    this.#timer?.cancel();
    const next = this.#backingOff.peek();
    if (!next || this.#options.signal.aborted) return;
    const delayMs = Math.max(0, backoffEndMs(next) - this.#nowMs());
    this.#timer = this.#options.clock.setTimeout(() => this.#endBackoffs(), delayMs);
  }

  #endBackoffs(): void {
    const nowMs = this.#nowMs();
    for (let next = this.#backingOff.peek(); next; next = this.#backingOff.peek()) {
      if (backoffEndMs(next) > nowMs) break;
      this.#activate(this.#backingOff.pop()!);
    }
    this.#setTimer();
  }

  /** An event may have been overlooked: nothing waits for more than 5 minutes. */
  #flushLeftOver(): void {
    const nowMs = this.#nowMs();
    for (const queued of [...this.#unschedulable.values()]) {
      if (nowMs - queued.sinceMs > MAX_UNSCHEDULABLE_MS) this.#retry(queued);
    }
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}

const NOTHING: ReadonlySet<ClusterEvent> = new Set();

function mostUrgentFirst(a: QueuedPod, b: QueuedPod): number {
  return priority(b) - priority(a) || a.sinceMs - b.sinceMs || a.sequence - b.sequence;
}

function priority({ pod }: QueuedPod): number {
  return pod.spec.priority ?? 0;
}

/** 1 s after the first failure, twice that after each further one, at most 10 s. */
export function backoffMs(attempts: number): number {
  return Math.min(INITIAL_BACKOFF_MS * 2 ** Math.max(0, attempts - 1), MAX_BACKOFF_MS);
}

function backoffEndMs({ sinceMs, attempts }: QueuedPod): number {
  return sinceMs + backoffMs(attempts);
}
