/**
 * How far a rolling update may go at any moment: so many pods more than asked for (surge), so many
 * available fewer.
 *
 * Rule: the surge is rounded up and what may be unavailable is rounded down; where both come to
 * nothing one pod may be unavailable, or the update could not move.
 *
 * In Kubernetes: pkg/controller/deployment/util/deployment_util.go (ResolveFenceposts, MaxSurge)
 */
import type { Deployment } from "../../api/apps/deployment.ts";
import { scaledAmount } from "../../api/int-or-percent.ts";

export interface Limits {
  /** How many there are to be. */
  desired: number;
  /** The most pods there may be during an update. */
  most: number;
  /** The fewest that have to be available. */
  fewestAvailable: number;
}

export function limitsOf({ spec }: Deployment): Limits {
  const desired = spec.replicas ?? 1;
  const { maxSurge, maxUnavailable } = rollingLimits(spec.strategy, desired);
  return { desired, most: desired + maxSurge, fewestAvailable: desired - maxUnavailable };
}

function rollingLimits(strategy: Deployment["spec"]["strategy"], desired: number) {
  if (strategy?.type !== "RollingUpdate") return { maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge: surge = 0, maxUnavailable: unavailable = 0 } = strategy.rollingUpdate ?? {};
  const maxSurge = scaledAmount(surge, desired, "up");
  const maxUnavailable = scaledAmount(unavailable, desired, "down");
  const canMove = maxSurge > 0 || maxUnavailable > 0;
  return { maxSurge, maxUnavailable: Math.min(canMove ? maxUnavailable : 1, desired) };
}

/** No update in sight of its deadline is ever late where the deadline is this number. */
const NEVER = 2 ** 31 - 1;

/** A number of the spec; undefined where it stands for "without a limit". */
export function limited(value: number | undefined): number | undefined {
  return value === NEVER ? undefined : value;
}
