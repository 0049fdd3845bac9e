/**
 * Keeps the scheduler's picture of the cluster current: informers on one side, the node cache and
 * the scheduling queue on the other.
 *
 * A pod with a node is the cache's, a pod without one (and meant for this scheduler) is the
 * queue's, a pod that has ended is nobody's.
 *
 * In Kubernetes: pkg/scheduler/eventhandlers.go
 */
import { isDeepStrictEqual } from "node:util";
import type { Kind } from "../api/kind.ts";
import { Namespace } from "../api/namespace.ts";
import { Node } from "../api/node.ts";
import { PersistentVolume } from "../api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../api/persistent-volume-claim.ts";
import { Pod } from "../api/pod.ts";
import { hasEnded } from "../api/pod-status.ts";
import { PodDisruptionBudget } from "../api/policy/pod-disruption-budget.ts";
import { Service } from "../api/service.ts";
import { CSINode } from "../api/storage/csi-node.ts";
import { StorageClass } from "../api/storage/storage-class.ts";
import type { ComponentContext } from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";
import { nodeChanges } from "./cluster-event.ts";
import { SELECTING_KINDS } from "./default-selector.ts";
import type { NodeCache } from "./node-cache.ts";
import type { Nominations } from "./nominations.ts";
import type { SchedulingQueue } from "./scheduling-queue.ts";

export interface ClusterWatchOptions {
  /** Of the pods without a node, those that name one of these schedulers are waited on. */
  names: ReadonlySet<string>;
  cache: NodeCache;
  queue: SchedulingQueue;
  nominations: Nominations;
}

/** Resolves when everything there is has been seen once. */
export async function watchCluster(
  { informers, signal }: ComponentContext,
  options: ClusterWatchOptions,
): Promise<void> {
  const watch = new ClusterWatch(options);
  informers.of(Node).onChange((node, old) => watch.nodeChanged(node, old));
  informers.of(Pod).onChange((pod, old) => watch.podChanged(pod, old));
  informers.of(Service).onChange(() => options.queue.moveOn({ event: "ServiceChange" }));
  const storage = [PersistentVolumeClaim, PersistentVolume, StorageClass, CSINode] as Kind[];
  for (const kind of storage) {
    informers.of(kind).onChange(() => options.queue.moveOn({ event: "StorageChange" }));
  }
  const others = [Node, Pod, Namespace, PodDisruptionBudget, ...SELECTING_KINDS] as Kind[];
  const kinds = [...others, ...storage];
  const synced = Promise.all(kinds.map((kind) => informers.of(kind).synced()));
  await Promise.race([synced, stopped(signal)]);
}

class ClusterWatch {
  readonly #names: ReadonlySet<string>;
  readonly #cache: NodeCache;
  readonly #queue: SchedulingQueue;
  readonly #nominations: Nominations;

  constructor({ names, cache, queue, nominations }: ClusterWatchOptions) {
    this.#names = names;
    this.#cache = cache;
    this.#queue = queue;
    this.#nominations = nominations;
  }

  nodeChanged(node: Node | undefined, old: Node | undefined): void {
    if (!node) {
      this.#cache.removeNode(old!.metadata.name);
      this.#queue.moveOn({ event: "NodeDelete", object: old! });
      return;
    }
    this.#cache.setNode(node);
    const events = old ? nodeChanges(node, old) : (["NodeAdd"] as const);
    for (const event of events) this.#queue.moveOn({ event, object: node });
  }

  podChanged(pod: Pod | undefined, old: Pod | undefined): void {
    const wasReplaced = pod && old && pod.metadata.uid !== old.metadata.uid;
    if (wasReplaced) {
      this.#podGone(old);
      this.podChanged(pod, undefined);
    } else if (!pod || hasEnded(pod)) {
      this.#podGone(pod ?? old!);
    } else if (pod.spec.nodeName) {
      this.#podPlaced(pod, old);
    } else {
      this.#podWaits(pod, old);
    }
  }

  #podGone(pod: Pod): void {
    const key = keyOf(pod.metadata);
    this.#queue.delete(key);
    this.#nominations.delete(key);
    if (this.#cache.removePod(key)) this.#queue.moveOn({ event: "AssignedPodDelete", object: pod });
  }

  #podPlaced(pod: Pod, old: Pod | undefined): void {
    const isNew = !old?.spec.nodeName;
    if (!isNew && !mayMatter(pod, old)) return;
    const key = keyOf(pod.metadata);
    this.#queue.delete(key);
    this.#nominations.delete(key);
    this.#cache.setPod(pod);
    this.#queue.moveOn({ event: isNew ? "AssignedPodAdd" : "AssignedPodUpdate", object: pod });
  }

  #podWaits(pod: Pod, old: Pod | undefined): void {
    // What another scheduler has promised has to be respected as well.
    const { nominatedNodeName } = pod.status ?? {};
    if (!old || old.status?.nominatedNodeName !== nominatedNodeName) this.#nominations.set(pod);
    const isOurs = this.#names.has(pod.spec.schedulerName ?? "default-scheduler");
    if (!isOurs || this.#cache.isAssumed(keyOf(pod.metadata))) return;
    if (old) this.#queue.update(pod, mayMatter(pod, old));
    else this.#queue.add(pod);
  }
}

/** A kubelet's status report changes nothing for the scheduler. */
function mayMatter(pod: Pod, old: Pod): boolean {
  const view = ({ metadata, spec }: Pod) => {
    const { labels, annotations, deletionTimestamp } = metadata;
    return { labels, annotations, deletionTimestamp, spec };
  };
  return !isDeepStrictEqual(view(pod), view(old));
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
