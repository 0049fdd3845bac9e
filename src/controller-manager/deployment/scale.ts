/**
 * Gives a ReplicaSet its size, with a note of what the deployment asked for, and tells of it.
 *
 * In Kubernetes: pkg/controller/deployment/sync.go (scaleReplicaSet)
 */
import { ReplicaSet } from "../../api/apps/replica-set.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { hasNotes, notesOfScale } from "./annotations.ts";
import type { Rollout } from "./rollout.ts";
import { sizeOf } from "./versions.ts";

/** Only where the size is another. True if it was. */
export async function resize(
  replicaSet: ReplicaSet,
  size: number,
  rollout: Rollout,
  context: SyncContext,
): Promise<boolean> {
  if (sizeOf(replicaSet) === size) return false;
  await resizeAndNote(replicaSet, size, rollout, context);
  return true;
}

/** The note too, though the size be right already. */
export async function resizeAndNote(
  replicaSet: ReplicaSet,
  size: number,
  { deployment, limits }: Rollout,
  { client, events }: SyncContext,
): Promise<void> {
  const notes = notesOfScale(limits);
  const was = sizeOf(replicaSet);
  if (was === size && hasNotes(replicaSet, notes)) return;
  const { metadata, spec } = replicaSet;
  await client.update(ReplicaSet, {
    ...replicaSet,
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...notes } },
    spec: { ...spec, replicas: size },
  });
  if (was === size) return;
  const way = was < size ? "up" : "down";
  const sentence = `Scaled ${way} replica set ${metadata.name} to ${size} from ${was}`;
  events.event(deployment, "Normal", "ScalingReplicaSet", sentence);
}
