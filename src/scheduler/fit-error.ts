/**
 * Why a pod can't be placed, in the one sentence that `kubectl describe pod` shows:
 *
 *   0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {a: b}.
 *   preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod,
 *   2 Preemption is not helpful for scheduling.
 *
 * In Kubernetes: pkg/scheduler/framework/types.go (FitError), pkg/scheduler/framework/preemption
 */
import type { Decision } from "./decision.ts";

export const NO_NODES = "no nodes available to schedule pods";

const MAX_EVENT_LENGTH = 1_024;

/** `afterwards`: what preemption says, if anything. */
export function fitErrorOf(
  { filters, verdicts }: Pick<Decision, "filters" | "verdicts">,
  nodeCount: number,
  afterwards?: string,
): string {
  const why = filters.refusal
    ? `0/${nodeCount} nodes are available: ${filters.refusal.rejection.reasons.join(", ")}.`
    : sentenceOf(
        verdicts.flatMap(({ rejection }) => rejection.reasons),
        nodeCount,
      );
  return afterwards === undefined ? why : `${why} preemption: ${afterwards}`;
}

/** Counts equal reasons; the order is that of the finished words ("10 x" before "2 y"). */
export function sentenceOf(reasons: readonly string[], nodeCount: number): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const words = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${nodeCount} nodes are available: ${words.join(", ")}.`;
}

/** An event's message has an end; a condition's has not. */
export function forEvent(message: string): string {
  if (message.length <= MAX_EVENT_LENGTH) return message;
  return `${message.slice(0, MAX_EVENT_LENGTH - 4)} ...`;
}
