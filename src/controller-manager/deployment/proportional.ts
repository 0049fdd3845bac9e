/**
 * A change of scale, in the middle of an update or while it is paused: every version gets its share
 * of what is added or taken away, in proportion to its size.
 *
 * In Kubernetes: pkg/controller/deployment/sync.go (scale), util/deployment_util.go (GetProportion)
 */
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { desiredWhenScaled, mostWhenScaled } from "./annotations.ts";
import type { Limits } from "./limits.ts";
import { isRolling, type Rollout } from "./rollout.ts";
import { resize, resizeAndNote } from "./scale.ts";
import {
  activeOf,
  allOf,
  oldestFirst,
  onlyActiveOrLatest,
  sizeOf,
  sum,
  totalSize,
} from "./versions.ts";

/** Whether the deployment asks for another number than when its ReplicaSets got their sizes. */
export function isScaled({ versions, limits }: Rollout): boolean {
  return activeOf(allOf(versions)).some((one) => {
    const desired = desiredWhenScaled(one);
    return desired !== undefined && desired !== limits.desired;
  });
}

export async function scaleVersions(rollout: Rollout, context: SyncContext): Promise<void> {
  const { limits, versions } = rollout;
  const only = onlyActiveOrLatest(versions);
  if (only !== undefined) return resizeAndNote(only, limits.desired, rollout, context);
  if (isSaturated(rollout)) {
    for (const old of activeOf(versions.old)) await resize(old, 0, rollout, context);
  } else if (isRolling(rollout)) {
    const sizes = proportionalSizes(
      limits,
      allOf(versions),
      rollout.deployment.status?.replicas ?? 0,
    );
    for (const [one, size] of sizes) await resizeAndNote(one, size, rollout, context);
  }
}

/** The new version has all the pods that are asked for. */
function isSaturated({ versions, limits }: Rollout): boolean {
  const { new: newOne } = versions;
  if (newOne === undefined) return false;
  return sizeOf(newOne) === limits.desired && desiredWhenScaled(newOne) === limits.desired;
}

/**
 * The sizes of all versions with pods. The largest comes first and takes what rounding leaves over;
 * among equals the newest grows first, and the oldest shrinks first.
 */
export function proportionalSizes(
  limits: Limits,
  all: ReplicaSet[],
  currentReplicas: number,
): [ReplicaSet, number][] {
  const active = activeOf(all);
  const allowed = limits.desired > 0 ? limits.most : 0;
  const toAdd = allowed - totalSize(active);
  const byAge = toAdd > 0 ? oldestFirst(active).toReversed() : oldestFirst(active);
  const largestFirst = byAge.toSorted((a, b) => sizeOf(b) - sizeOf(a));
  if (toAdd === 0) return largestFirst.map((one) => [one, sizeOf(one)]);

  let left = toAdd;
  const shares = largestFirst.map((one) => {
    const share = limitedTo(left, shareOf(one, limits, currentReplicas));
    left -= share;
    return share;
  });
  const leftOver = toAdd - sum(shares);
  return largestFirst.map((one, index) => {
    const size = sizeOf(one) + shares[index]! + (index === 0 ? leftOver : 0);
    return [one, Math.max(0, size)];
  });
}

function shareOf(one: ReplicaSet, { desired, most }: Limits, currentReplicas: number): number {
  if (desired === 0) return -sizeOf(one);
  const mostBefore = mostWhenScaled(one) || currentReplicas;
  if (mostBefore === 0) return 0;
  return Math.round((sizeOf(one) * most) / mostBefore) - sizeOf(one);
}

/** No more than is left, in either direction. */
function limitedTo(left: number, share: number): number {
  if (left === 0) return 0;
  return left > 0 ? Math.min(share, left) : Math.max(share, left);
}
