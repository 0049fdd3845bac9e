/**
 * What a deployment says of itself: how many pods of it there are, and whether enough are available.
 *
 * In Kubernetes: pkg/controller/deployment/sync.go (calculateStatus)
 */
import { isDeepStrictEqual } from "node:util";
import type { DeploymentStatus } from "kubernetes-types/apps/v1.js";
import { Deployment } from "../../api/apps/deployment.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { REVISION } from "./annotations.ts";
import { withCondition } from "./conditions.ts";
import type { Rollout } from "./rollout.ts";
import { allOf, availableIn, sum, totalSize } from "./versions.ts";

export function statusOf(rollout: Rollout, now: Date): DeploymentStatus {
  const { deployment, limits, versions, conditions, collisionCount } = rollout;
  const all = allOf(versions);
  const available = availableIn(all);
  const isAvailable = available >= limits.fewestAvailable;
  const counts = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum(all.map(({ status }) => status?.replicas ?? 0)),
    updatedReplicas: versions.new?.status?.replicas ?? 0,
    readyReplicas: sum(all.map(({ status }) => status?.readyReplicas ?? 0)),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, totalSize(all) - available),
    collisionCount: collisionCount ?? 0,
  };
  const verdict = isAvailable ? AVAILABLE : UNAVAILABLE;
  return { ...withoutNothing(counts), conditions: withCondition(conditions, verdict, now) };
}

const AVAILABLE = {
  type: "Available",
  status: "True",
  reason: "MinimumReplicasAvailable",
  message: "Deployment has minimum availability.",
};
const UNAVAILABLE = {
  type: "Available",
  status: "False",
  reason: "MinimumReplicasUnavailable",
  message: "Deployment does not have minimum availability.",
};

/** Writes the status and the revision, where either is news. */
export async function saveStatus(
  { deployment, revision }: Rollout,
  status: DeploymentStatus,
  { client }: SyncContext,
): Promise<void> {
  const { metadata } = deployment;
  const isNoted = revision === undefined || metadata.annotations?.[REVISION] === revision;
  const current = withoutNothing({ ...deployment.status });
  if (isNoted && isDeepStrictEqual(current, withoutNothing({ ...status }))) return;
  const annotations = isNoted ? {} : { [REVISION]: revision };
  await client.updateStatus(Deployment, {
    ...deployment,
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } },
    status,
  });
}

/** A count of nothing is not written. */
function withoutNothing<T extends object>(counts: T): Partial<T> {
  const counted = Object.entries(counts).filter(([, value]) => value !== 0 && value !== undefined);
  return Object.fromEntries(counted) as Partial<T>;
}
