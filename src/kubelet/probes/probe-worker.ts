/**
 * Probes one container again and again, and counts: a verdict changes after as many successes or
 * failures in a row as its threshold says.
 *
 * In Kubernetes: pkg/kubelet/prober/worker.go
 */
import type { Probe } from "kubernetes-types/core/v1.js";
import type { Clock, Timer } from "../../component/clock.ts";
import type { ProbeResult } from "./prober.ts";

export type ProbeType = "liveness" | "readiness" | "startup";

export interface ProbeWorkerOptions {
  type: ProbeType;
  probe: Probe;
  startedAtMs: number;
  clock: Clock;
  /** How much of its first period to wait, so that not all probes come at once: 0 to 1. */
  jitter: number;
  run(signal: AbortSignal): Promise<ProbeResult>;
  /** False while this probe has to wait for another (the startup probe). */
  isDue(): boolean;
  onVerdict(verdict: boolean): void;
  onFailure(output: string): void;
}

export class ProbeWorker {
  readonly #options: ProbeWorkerOptions;
  readonly #lifetime = new AbortController();
  #verdict: boolean | undefined;
  #last: boolean | undefined;
  #inARow = 0;
  #timer: Timer | undefined;

  constructor(options: ProbeWorkerOptions) {
    this.#options = options;
    this.#verdict =
      options.type === "liveness" ? true : options.type === "startup" ? undefined : false;
  }

  /** Undefined: a startup probe that has not decided yet. */
  get verdict(): boolean | undefined {
    return this.#verdict;
  }

  start(): void {
    const { jitter, probe, clock, startedAtMs } = this.#options;
    const initialMs = (probe.initialDelaySeconds ?? 0) * 1000;
    const sinceMs = clock.now().getTime() - startedAtMs;
    const waitMs = Math.max(initialMs - sinceMs, initialMs > 0 ? 0 : jitter * this.#periodMs);
    this.#timer = clock.setTimeout(() => void this.#turn(), Math.max(0, waitMs));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#lifetime.abort(new Error("the probe has been stopped"));
  }

  get #periodMs(): number {
    return (this.#options.probe.periodSeconds ?? 10) * 1000;
  }

  async #turn(): Promise<void> {
    if (this.#options.isDue()) await this.#probe();
    if (this.#lifetime.signal.aborted) return;
    this.#timer = this.#options.clock.setTimeout(() => void this.#turn(), this.#periodMs);
  }

  async #probe(): Promise<void> {
    const { run, onFailure, onVerdict, probe } = this.#options;
    const result = await run(this.#lifetime.signal);
    if (this.#lifetime.signal.aborted) return;
    if (!result.isSuccess) onFailure(result.output);
    this.#inARow = result.isSuccess === this.#last ? this.#inARow + 1 : 1;
    this.#last = result.isSuccess;
    const threshold = result.isSuccess
      ? (probe.successThreshold ?? 1)
      : (probe.failureThreshold ?? 3);
    if (this.#inARow < threshold || this.#verdict === result.isSuccess) return;
    this.#verdict = result.isSuccess;
    onVerdict(result.isSuccess);
  }
}
