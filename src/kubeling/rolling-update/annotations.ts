/**
 * The notes a rolling update leaves on its two controllers, so that whoever runs it again can go on, or back.
 *
 * In Kubernetes: pkg/kubectl/rolling_updater.go (up to 1.17)
 */
import type { ReplicationController } from "../../api/replication-controller.ts";

const PREFIX = "kubectl.kubernetes.io/";

/** On the new one: from which controller it takes over, "name:uid". */
export const SOURCE_ID = `${PREFIX}update-source-id`;
/** On the new one: how many pods it is to have in the end. */
export const DESIRED_REPLICAS = `${PREFIX}desired-replicas`;
/** On the old one: how many pods it had, for the way back. */
export const ORIGINAL_REPLICAS = `${PREFIX}original-replicas`;
/** On the old one: the name of the new one. */
export const NEXT_CONTROLLER = `${PREFIX}next-controller-id`;

export function annotationOf({ metadata }: ReplicationController, name: string) {
  return metadata.annotations?.[name];
}

export function annotate(rc: ReplicationController, notes: Record<string, string>): void {
  rc.metadata.annotations = { ...rc.metadata.annotations, ...notes };
}

export function sourceIdOf({ metadata }: ReplicationController): string {
  return `${metadata.name}:${metadata.uid ?? ""}`;
}
