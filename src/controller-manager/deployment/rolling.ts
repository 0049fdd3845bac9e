/**
 * A rolling update: the new ReplicaSet grows as the old ones shrink, a few pods at a time.
 *
 * One step at a look: grow if the limits allow it, else shrink if they allow that. The arithmetic is
 * pure, and at the bottom of the file.
 *
 * In Kubernetes: pkg/controller/deployment/rolling.go. Differs: an old ReplicaSet that shrinks by its
 * sick pods and by others in one look is written, and told of, once.
 */
import type { Deployment } from "../../api/apps/deployment.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import type { Limits } from "./limits.ts";
import { ensureNewReplicaSet } from "./new-replica-set.ts";
import type { Rollout } from "./rollout.ts";
import { resize } from "./scale.ts";
import { activeOf, availableIn, oldestFirst, sizeOf, totalSize } from "./versions.ts";

export async function rollOut(rollout: Rollout, context: SyncContext): Promise<void> {
  const { deployment, limits, versions } = rollout;
  const newOne = await ensureNewReplicaSet(rollout, context);
  const size = sizeOfNew(deployment, limits, versions.old, sizeOf(newOne));
  if (await resize(newOne, size, rollout, context)) return;
  for (const [old, smaller] of shrunk(limits, activeOf(versions.old), newOne)) {
    await resize(old, smaller, rollout, context);
  }
}

/** The size of the new ReplicaSet: as much as is asked for, as far as the surge lets it. */
export function sizeOfNew(
  { spec }: Deployment,
  { desired, most }: Limits,
  old: ReplicaSet[],
  size: number,
): number {
  if (spec.strategy?.type !== "RollingUpdate" || size >= desired) return desired;
  const room = most - totalSize(old) - size;
  return room <= 0 ? size : Math.min(desired, size + room);
}

/**
 * The old ReplicaSets that should get smaller, with their new sizes. Pods that are not available go
 * first, since nobody will miss them; then others, the oldest versions first, as long as enough stay
 * available. What the new ReplicaSet still lacks counts as missing already.
 */
export function shrunk(
  { fewestAvailable }: Limits,
  old: ReplicaSet[],
  newOne: ReplicaSet,
): [ReplicaSet, number][] {
  const missingOfNew = sizeOf(newOne) - availableIn([newOne]);
  const spare = totalSize([...old, newOne]) - fewestAvailable - missingOfNew;
  if (spare <= 0) return [];
  const sizes = new Map(oldestFirst(old).map((one) => [one, sizeOf(one)]));
  takeAway(sizes, spare, (one, size) => size - availableIn([one]));
  takeAway(sizes, availableIn([...old, newOne]) - fewestAvailable, (_, size) => size);
  return [...sizes].filter(([one, size]) => size < sizeOf(one));
}

/** Takes up to `count` away in all, and of each no more than it can give. */
function takeAway(
  sizes: Map<ReplicaSet, number>,
  count: number,
  mostOf: (one: ReplicaSet, size: number) => number,
): void {
  let left = count;
  for (const [one, size] of sizes) {
    const taken = Math.max(0, Math.min(left, mostOf(one, size), size));
    sizes.set(one, size - taken);
    left -= taken;
  }
}
