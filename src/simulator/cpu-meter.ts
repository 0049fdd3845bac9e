/**
 * How much of the processor a simulated container uses: a tenth of its shares, or what it is told to.
 *
 *   the annotation kubeling.io/cpu of the pod, when it is made      "250m"
 *   the file /run/cpu in the container, at any time                 echo 250m > /run/cpu
 *
 * So a class can put load on pods and watch an autoscaler.
 */
import { milliValue, parseQuantity, quantityError } from "../api/quantity.ts";

export const CPU_ANNOTATION = "kubeling.io/cpu";
export const CPU_FILE = "/run/cpu";
const IDLE_SHARE = 0.1;

export class CpuMeter {
  readonly #idleMilli: number;
  #usedNanoseconds = 0;
  #readAtMs: number | undefined;

  constructor(cpuShares: number) {
    this.#idleMilli = Math.max(1, (cpuShares * 1000) / 1024) * IDLE_SHARE;
  }

  /** The time used up to now, if since the last reading it was under this load. Never falls. */
  read(nowMs: number, startedMs: number, load: string | undefined): number {
    const passedMs = Math.max(0, nowMs - (this.#readAtMs ?? startedMs));
    this.#readAtMs = nowMs;
    this.#usedNanoseconds += Math.round(passedMs * this.#milliOf(load) * 1000);
    return this.#usedNanoseconds;
  }

  /** What is no amount is no load. */
  #milliOf(load: string | undefined): number {
    const text = load?.trim() ?? "";
    if (text === "" || quantityError(text) !== undefined) return this.#idleMilli;
    return Math.max(0, milliValue(parseQuantity(text)));
  }
}
