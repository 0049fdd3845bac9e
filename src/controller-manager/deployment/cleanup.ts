/**
 * Forgets old versions: of those that are empty no more are kept than the history may be long.
 *
 * In Kubernetes: pkg/controller/deployment/sync.go (cleanupDeployment)
 */
import { ReplicaSet } from "../../api/apps/replica-set.ts";
import { isNotFound } from "../../api/errors.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { revisionOf } from "./annotations.ts";
import { limited } from "./limits.ts";
import type { Rollout } from "./rollout.ts";
import { oldestFirst, sizeOf } from "./versions.ts";

export async function forgetOldVersions(
  { deployment, versions }: Rollout,
  { client }: SyncContext,
): Promise<void> {
  const limit = limited(deployment.spec.revisionHistoryLimit);
  if (limit === undefined) return;
  const alive = versions.old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const inOrder = oldestFirst(alive).toSorted((a, b) => revisionOf(a) - revisionOf(b));
  for (const old of inOrder.slice(0, Math.max(0, inOrder.length - limit)).filter(isEmpty)) {
    const { namespace = "", name, uid = "" } = old.metadata;
    try {
      await client.delete(ReplicaSet, namespace, name, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** Without pods, and its controller knows that it is to have none. */
function isEmpty(replicaSet: ReplicaSet): boolean {
  const { metadata, status } = replicaSet;
  const isObserved = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  return sizeOf(replicaSet) === 0 && (status?.replicas ?? 0) === 0 && isObserved;
}
