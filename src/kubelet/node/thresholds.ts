/**
 * Eviction thresholds, "memory.available<100Mi,nodefs.available<10%": read, and compared with what is
 * left. Pure.
 *
 * In Kubernetes: pkg/kubelet/eviction/helpers.go (ParseThresholdConfig)
 * Differs: hard thresholds of these two signals only.
 */
import { quantityError, quantityOf, wholeValue } from "../../api/quantity.ts";
import type { Left, NodeUsage } from "./usage.ts";

export type Signal = keyof NodeUsage;

export interface Threshold {
  signal: Signal;
  /** Bytes, or a share of the capacity. */
  least: { bytes: number } | { share: number };
}

/** What is short, and by how much. */
export interface Shortage extends Left {
  signal: Signal;
  thresholdBytes: number;
}

const SIGNALS: readonly string[] = ["memory.available", "nodefs.available"] satisfies Signal[];

/** Throws, saying what is wrong with the text. */
export function parseThresholds(text: string): Threshold[] {
  return text.split(",").flatMap((part) => {
    const [signal = "", value, ...more] = part.trim().split("<");
    if (signal === "" && value === undefined) return [];
    if (value === undefined || more.length > 0) {
      throw new Error(
        `invalid eviction threshold syntax ${part}, expected <signal><operator><value>`,
      );
    }
    if (!SIGNALS.includes(signal)) throw new Error(`unsupported eviction signal ${signal}`);
    const least = leastOf(signal, value);
    return least === undefined ? [] : [{ signal: signal as Signal, least }];
  });
}

/** Undefined: 0% and 100% switch a threshold off. */
function leastOf(signal: string, value: string): Threshold["least"] | undefined {
  const percent = /^(-?[\d.]+)%$/.exec(value)?.[1];
  if (percent === "0" || percent === "100") return undefined;
  if (percent !== undefined) {
    const share = Number(percent) / 100;
    if (share > 0 && share < 1) return { share };
    throw new Error(
      `eviction percentage threshold ${signal} must be between 0% and 100%: ${value}`,
    );
  }
  if (quantityError(value) !== undefined) throw new Error(`invalid eviction threshold ${value}`);
  return { bytes: wholeValue(quantityOf(value)) };
}

export function shortagesOf(thresholds: Threshold[], usage: NodeUsage): Shortage[] {
  return thresholds.flatMap(({ signal, least }) => {
    const left = usage[signal];
    const thresholdBytes = "bytes" in least ? least.bytes : least.share * left.capacityBytes;
    return left.availableBytes < thresholdBytes ? [{ signal, thresholdBytes, ...left }] : [];
  });
}
