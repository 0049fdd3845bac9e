/**
 * Whether the node can run pods now: the runtime answers, and the pleg has listed not long ago.
 *
 * In Kubernetes: pkg/kubelet/runtime.go (runtimeState)
 */
import { type Clock, every } from "../../component/clock.ts";
import type { Pleg } from "../pods/pleg.ts";
import type { Runtime } from "../runtime/runtime.ts";

const CHECK_MS = 5_000;

export class ReadyGate {
  readonly #runtime: Runtime;
  readonly #pleg: Pleg;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #notReady: string[] = [];
  #hasListed = false;

  constructor(options: { runtime: Runtime; pleg: Pleg; clock: Clock; signal: AbortSignal }) {
    this.#runtime = options.runtime;
    this.#pleg = options.pleg;
    this.#clock = options.clock;
    this.#signal = options.signal;
  }

  /** Why not, as last found; empty when it can. */
  get notReady(): string[] {
    return this.#notReady;
  }

  async check(): Promise<string[]> {
    const found: string[] = [];
    try {
      await this.#runtime.checkReady();
    } catch (error) {
      found.push(`container runtime is down: ${(error as Error).message}`);
    }
    if (this.#hasListed) {
      try {
        this.#pleg.checkHealthy();
      } catch (error) {
        found.push(`PLEG is not healthy: ${(error as Error).message}`);
      }
    }
    this.#notReady = found;
    return found;
  }

  /** Checks now and then; `onChange` is called when the answer is another one. */
  start(onChange: () => void): void {
    this.#hasListed = true;
    every(this.#clock, CHECK_MS, this.#signal, () => {
      const before = this.#notReady.join();
      void this.check().then((after) => {
        if (after.join() !== before) onChange();
      });
    });
  }
}
