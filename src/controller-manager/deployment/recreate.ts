/**
 * The strategy Recreate: all old pods go, and only when the last has ended are new ones made.
 *
 * In Kubernetes: pkg/controller/deployment/recreate.go
 */
import { Pod } from "../../api/pod.ts";
import { hasEnded } from "../../api/pod-status.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { ensureNewReplicaSet } from "./new-replica-set.ts";
import type { Rollout } from "./rollout.ts";
import { resize } from "./scale.ts";
import { activeOf } from "./versions.ts";

export async function recreate(rollout: Rollout, context: SyncContext): Promise<void> {
  const { limits, versions } = rollout;
  const shrinking = activeOf(versions.old);
  for (const old of shrinking) await resize(old, 0, rollout, context);
  if (shrinking.length > 0 || hasOldPods(rollout, context)) return;
  const newOne = await ensureNewReplicaSet(rollout, context);
  await resize(newOne, limits.desired, rollout, context);
}

/** A pod that is being deleted still runs. */
function hasOldPods({ versions }: Rollout, { cached }: SyncContext): boolean {
  if (versions.old.some(({ status }) => (status?.replicas ?? 0) > 0)) return true;
  const pods = versions.old.flatMap(({ metadata }) => cached(Pod).by("owner", metadata.uid ?? ""));
  return pods.some((pod) => !hasEnded(pod));
}
