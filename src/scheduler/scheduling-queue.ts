/**
 * The pods that wait for a node.
 *
 * A pod is in one of four places: *active*, to be tried now, the most important first and among
 * equals the one that has waited longest; *backing off*, after a failure, for 1 s, 2 s, 4 s up to
 * 10 s; *unschedulable*, until something happens that may help it, and at most 5 minutes; or *gated*,
 * not to be tried at all yet.
 *
 * In Kubernetes: pkg/scheduler/internal/queue/scheduling_queue.go
 * Differs: a timer is set for the next back-off to end, where the original looks every second; what
 * happens while a pod is being tried is only counted, not kept: the pod is tried again soon.
 */
import type { Pod } from "../api/pod.ts";
import { keyOf } from "../client/object-cache.ts";
import { type Clock, every, type Timer } from "../component/clock.ts";
import type { Change } from "./cluster-event.ts";
import { Heap } from "./heap.ts";

const DEFAULT_BACKOFF: Backoff = { initialMs: 1_000, maxMs: 10_000 };
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
  /** Whether something that happens may help it; asked of those who rejected it. */
  isHelpedBy: IsHelpedBy;
  /** How much had happened when it was taken out to be tried. */
  changesSeen: number;
}

export type IsHelpedBy = (pod: Pod, change: Change) => boolean;

export interface Backoff {
  initialMs: number;
  maxMs: number;
}

export interface QueueOptions {
  clock: Clock;
  signal: AbortSignal;
  /** Told when there is a pod to try. */
  onActive(): void;
  /** Pods that must not be tried yet (SchedulingGates). */
  holdsBack?(pod: Pod): boolean;
  backoff?: Backoff;
}

export class SchedulingQueue {
  readonly #active = new Heap<QueuedPod>(mostUrgentFirst);
  readonly #backingOff = new Heap<QueuedPod>(
    (a, b) => this.#backoffEndMs(a) - this.#backoffEndMs(b),
  );
  readonly #unschedulable = new Map<string, QueuedPod>();
  readonly #gated = new Map<string, Pod>();
  readonly #options: QueueOptions;
  #timer: Timer | undefined;
  #sequence = 0;
  #changes = 0;

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
      gated: this.#gated.size,
    };
  }

  /** A pod that has just come. */
  add(pod: Pod): void {
    const key = keyOf(pod.metadata);
    if (this.#options.holdsBack?.(pod)) {
      this.#gated.set(key, pod);
      return;
    }
    this.#activate({
      key,
      pod,
      attempts: 0,
      sinceMs: this.#nowMs(),
      sequence: 0,
      isHelpedBy: anythingHelps,
      changesSeen: 0,
    });
  }

  /** The most urgent pod, taken out of the queue. */
  pop(): QueuedPod | undefined {
    const queued = this.#active.pop();
    if (!queued) return undefined;
    queued.attempts++;
    queued.changesSeen = this.#changes;
    return queued;
  }

  /** A pod that no node would take: it waits until something happens that may help it. */
  addUnschedulable(queued: QueuedPod, isHelpedBy: IsHelpedBy = anythingHelps): void {
    const waiting = { ...queued, isHelpedBy, sinceMs: this.#nowMs() };
    if (queued.changesSeen !== this.#changes) this.#backOff(waiting);
    else this.#unschedulable.set(queued.key, waiting);
  }

  /** A waiting pod that is worth another try, when its back-off is over. */
  tryAgain(key: string): void {
    const queued = this.#unschedulable.get(key);
    if (queued) this.#retry(queued);
  }

  /** A pod that failed for a reason of no node's: it is tried again soon. */
  addBackingOff(queued: QueuedPod): void {
    this.#backOff({ ...queued, sinceMs: this.#nowMs() });
  }

  /** A waiting pod was changed. Where the change may help, it is tried again. */
  update(pod: Pod, mayHelp: boolean): void {
    const key = keyOf(pod.metadata);
    if (this.#gated.delete(key)) {
      this.add(pod);
      return;
    }
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
    this.#gated.delete(key);
  }

  has(key: string): boolean {
    return (
      this.#active.get(key) !== undefined ||
      this.#backingOff.get(key) !== undefined ||
      this.#unschedulable.has(key) ||
      this.#gated.has(key)
    );
  }

  /** Something happened: those it may help are tried again, when their back-off is over. */
  moveOn(change: Change, isConcerned: (pod: Pod) => boolean = () => true): void {
    this.#changes++;
    if (this.#unschedulable.size === 0) return;
    for (const queued of [...this.#unschedulable.values()]) {
      if (queued.isHelpedBy(queued.pod, change) && isConcerned(queued.pod)) this.#retry(queued);
    }
  }

  #retry(queued: QueuedPod): void {
    this.#unschedulable.delete(queued.key);
    if (this.#backoffEndMs(queued) <= this.#nowMs()) this.#activate(queued);
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
    const delayMs = Math.max(0, this.#backoffEndMs(next) - this.#nowMs());
    this.#timer = this.#options.clock.setTimeout(() => this.#endBackoffs(), delayMs);
  }

  #endBackoffs(): void {
    const nowMs = this.#nowMs();
    for (let next = this.#backingOff.peek(); next; next = this.#backingOff.peek()) {
      if (this.#backoffEndMs(next) > nowMs) break;
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

  #backoffEndMs({ sinceMs, attempts }: QueuedPod): number {
    return sinceMs + backoffMs(attempts, this.#options.backoff);
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}

const anythingHelps: IsHelpedBy = () => true;

function mostUrgentFirst(a: QueuedPod, b: QueuedPod): number {
  return priority(b) - priority(a) || a.sinceMs - b.sinceMs || a.sequence - b.sequence;
}

function priority({ pod }: QueuedPod): number {
  return pod.spec.priority ?? 0;
}

/** 1 s after the first failure, twice that after each further one, at most 10 s. */
export function backoffMs(attempts: number, { initialMs, maxMs } = DEFAULT_BACKOFF): number {
  return Math.min(initialMs * 2 ** Math.max(0, attempts - 1), maxMs);
}
