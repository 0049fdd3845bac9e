/**
 * On which node the fewest and least important have to go. The rules are asked in turn, and only the
 * nodes that are the best by one of them go on to the next:
 *
 *   1. the fewest broken disruption budgets
 *   2. the least important most important victim
 *   3. the lowest sum of priorities
 *   4. the fewest victims
 *   5. the most important victims have started last
 *   6. the first
 *
 * In Kubernetes: pickOneNodeForPreemption in pkg/scheduler/framework/preemption/preemption.go
 */
import type { Candidate } from "./victims.ts";

/** The lower the better. */
type Rule = (candidate: Candidate) => number;

/** Added to each priority, lest many of negative priority seem less than few. */
const OFFSET = 2 ** 31;

const RULES: readonly Rule[] = [
  ({ violations }) => violations,
  ({ victims }) => victims[0]!.priority,
  ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + OFFSET, 0),
  ({ victims }) => victims.length,
  (candidate) => -earliestStart(candidate),
];

export function chooseCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  let left = candidates;
  for (const rule of RULES) {
    if (left.length <= 1) break;
    const values = left.map(rule);
    const lowest = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    left = left.filter((_, i) => values[i] === lowest);
  }
  return left[0];
}

/** When the first of the most important victims started. */
function earliestStart({ victims }: Candidate): number {
  const highest = victims[0]!.priority;
  const starts = victims
    .filter(({ priority }) => priority === highest)
    .map(({ startMs }) => startMs);
  return starts.reduce((a, b) => Math.min(a, b));
}
