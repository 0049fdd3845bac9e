/**
 * Which pods are bound to which node, kept up to date with every change of a pod. From them follows what a
 * node has to do with: the secrets, config maps, claims and accounts its pods name.
 *
 * In Kubernetes: plugin/pkg/auth/authorizer/node/graph.go. Differs: no graph; a node has a hundred pods,
 * which are gone through.
 */
import { type Kind, storageKey } from "../../api/kind.ts";
import { Pod } from "../../api/pod.ts";
import type { CachedEvent, CachedObject } from "../storage/cached-object.ts";
import type { WatchCache } from "../storage/watch-cache.ts";

const MIRROR = "kubernetes.io/config.mirror";

export class NodePods {
  readonly #cache: WatchCache;
  readonly #byNode = new Map<string, Map<string, Pod>>();

  constructor(cache: WatchCache) {
    this.#cache = cache;
    this.#follow();
  }

  /** All, or those of a namespace. Mirror pods say nothing, for it is the node that writes them. */
  of(nodeName: string, namespace?: string): Pod[] {
    const pods = [...(this.#byNode.get(nodeName)?.values() ?? [])];
    const isAsked = ({ metadata }: Pod) => [undefined, metadata.namespace].includes(namespace);
    return pods.filter((pod) => isAsked(pod) && !isMirror(pod));
  }

  #follow(): void {
    const resource = this.#cache.resource(storageKey(Pod as unknown as Kind));
    this.#byNode.clear();
    for (const item of resource.list().items) this.#add(item);
    resource.watch(resource.revision, {
      onEvents: (events) => {
        for (const event of events) this.#apply(event);
      },
      onError: () => queueMicrotask(() => !this.#cache.isStopped && this.#follow()),
    });
  }

  #apply({ type, current, previous }: CachedEvent): void {
    const old = previous && nodeOf(previous);
    if (old !== undefined) this.#byNode.get(old)?.delete(current.key);
    if (old !== undefined && this.#byNode.get(old)?.size === 0) this.#byNode.delete(old);
    if (type !== "DELETED") this.#add(current);
  }

  #add(item: CachedObject): void {
    const nodeName = nodeOf(item);
    if (nodeName === undefined) return;
    const pods = this.#byNode.get(nodeName) ?? new Map<string, Pod>();
    this.#byNode.set(nodeName, pods.set(item.key, item.object as Pod));
  }
}

function nodeOf({ object }: CachedObject): string | undefined {
  return (object as Pod).spec.nodeName || undefined;
}

function isMirror({ metadata }: Pod): boolean {
  return metadata.annotations?.[MIRROR] !== undefined;
}
