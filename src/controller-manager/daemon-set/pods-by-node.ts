/**
 * The pods of a daemon set, by the node each is on or meant for.
 *
 * In Kubernetes: getNodesToDaemonPods in pkg/controller/daemon/daemon_controller.go
 */
import type { Pod } from "../../api/pod.ts";
import { hasEnded } from "../../api/pod-status.ts";
import { targetNodeOf } from "./daemon-pod.ts";

export type PodsByNode = ReadonlyMap<string, Pod[]>;

/** A pod that has ended and is being deleted is somebody else's to finish, and stands in no way. */
export function podsByNode(pods: Pod[]): PodsByNode {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods.toSorted(oldestFirst)) {
    if (hasEnded(pod) && pod.metadata.deletionTimestamp !== undefined) continue;
    const node = targetNodeOf(pod);
    if (node === undefined) continue;
    const there = byNode.get(node);
    if (there === undefined) byNode.set(node, [pod]);
    else there.push(pod);
  }
  return byNode;
}

/** Bound pods first, then by age; two of one second by name. */
export function oldestFirst(a: Pod, b: Pod): number {
  const bound = Number(!a.spec.nodeName) - Number(!b.spec.nodeName);
  if (bound !== 0) return bound;
  const [aBorn, bBorn] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (aBorn !== bBorn) return aBorn < bBorn ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

export function isGoing({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}
