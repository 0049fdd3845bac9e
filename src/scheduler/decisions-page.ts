/**
 * The page on which the scheduler says why: /debug/decisions lists the pods it has something to say about,
 * /debug/decisions?pod=NAMESPACE/NAME explains one.
 *
 * In Kubernetes: nowhere. It was asked for since 2015 (kubernetes#20064).
 */
import type { Explanation } from "./decision.ts";
import type { RunningScheduler } from "./scheduler.ts";

export const DECISIONS_PATH = "/debug/decisions";

export interface DecisionsPage {
  /** False where another scheduler is the leader. */
  isAtWork: boolean;
  pods: string[];
  explanation?: Explanation;
}

export function decisionsPage(
  scheduler: Pick<RunningScheduler, "decisions"> | undefined,
  query: URLSearchParams,
): DecisionsPage {
  if (!scheduler) return { isAtWork: false, pods: [] };
  const asked = query.get("pod");
  if (asked === null) return { isAtWork: true, pods: scheduler.decisions.pods() };
  const explanation = scheduler.decisions.explain(asked);
  return { isAtWork: true, pods: [], ...(explanation ? { explanation } : {}) };
}
