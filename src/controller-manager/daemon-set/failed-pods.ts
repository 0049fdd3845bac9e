/**
 * How often a failed daemon pod is replaced: at once the first time, then after 1 s, 2 s, 4 s and so on
 * up to a quarter of an hour, so that a controller and a kubelet that refuses the pod do not wear each
 * other out. Half an hour without a failure is forgiven.
 *
 * In Kubernetes: failedPodsBackoff in pkg/controller/daemon/daemon_controller.go, flowcontrol.Backoff
 */
import type { Clock } from "../../component/clock.ts";

const FIRST_MS = 1_000;
const LONGEST_MS = 15 * 60_000;

interface Failures {
  delayMs: number;
  lastMs: number;
}

export class FailedPods {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long the next failed pod of this set on this node has to wait; 0: it may go now. */
  waitMs(key: string): number {
    const { delayMs, lastMs } = this.#recent(key) ?? { delayMs: 0, lastMs: 0 };
    return Math.max(lastMs + delayMs - this.#clock.monotonicMs(), 0);
  }

  /** Notes that one is replaced now. */
  note(key: string): void {
    const before = this.#recent(key);
    const delayMs = before === undefined ? FIRST_MS : Math.min(before.delayMs * 2, LONGEST_MS);
    this.#failures.set(key, { delayMs, lastMs: this.#clock.monotonicMs() });
  }

  /** Forgets a set that is gone. */
  forget(prefix: string): void {
    for (const key of this.#failures.keys()) if (key.startsWith(prefix)) this.#failures.delete(key);
  }

  #recent(key: string): Failures | undefined {
    const failures = this.#failures.get(key);
    if (failures === undefined) return undefined;
    const isForgiven = this.#clock.monotonicMs() - failures.lastMs > 2 * LONGEST_MS;
    return isForgiven ? undefined : failures;
  }
}
