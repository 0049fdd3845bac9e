/**
 * Promises: the pods for which room is being made on a node (status.nominatedNodeName).
 *
 * Until such a pod is placed, less important ones have to leave it that room.
 *
 * In Kubernetes: pkg/scheduler/internal/queue/scheduling_queue.go (nominator)
 */
import type { Pod } from "../api/pod.ts";
import { keyOf } from "../client/object-cache.ts";
import type { Cycle } from "./framework.ts";
import { PodInfo } from "./pod-info.ts";

const NOBODY: readonly PodInfo[] = [];

export class Nominations {
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  readonly #nodeOf = new Map<string, string>();

  /** What the pod's own status says, unless something newer is given. */
  set(pod: Pod, nodeName = pod.status?.nominatedNodeName ?? ""): void {
    const key = keyOf(pod.metadata);
    this.delete(key);
    if (nodeName === "") return;
    const there = this.#byNode.get(nodeName) ?? new Map<string, PodInfo>();
    there.set(key, new PodInfo(pod));
    this.#byNode.set(nodeName, there);
    this.#nodeOf.set(key, nodeName);
  }

  delete(key: string): void {
    const nodeName = this.#nodeOf.get(key);
    if (nodeName === undefined) return;
    const there = this.#byNode.get(nodeName);
    there?.delete(key);
    if (there?.size === 0) this.#byNode.delete(nodeName);
    this.#nodeOf.delete(key);
  }

  nodeOf(key: string): string | undefined {
    return this.#nodeOf.get(key);
  }

  /** All that are promised room there. */
  on(nodeName: string): PodInfo[] {
    return [...(this.#byNode.get(nodeName)?.values() ?? [])];
  }

  /** Whom `pod` has to leave room: those at least as important as itself. */
  respectedBy(pod: PodInfo): Pick<Cycle, "nominatedOn"> {
    if (this.#byNode.size === 0) return {};
    const matters = (one: PodInfo) => one.priority >= pod.priority && one.uid !== pod.uid;
    return {
      nominatedOn: (nodeName) =>
        this.#byNode.has(nodeName) ? this.on(nodeName).filter(matters) : NOBODY,
    };
  }
}
