/**
 * What a plug-in knows of the objects of one kind in a namespace: the watch cache, which it lets catch up
 * first where somebody here has written such an object a moment ago.
 *
 * So a limit that was set before a pod is created holds for that pod.
 *
 * In Kubernetes: the informers of the plug-ins and their live look-ups. Differs: what another API server wrote
 * is seen when the cache sees it.
 */
import { type Kind, type KubeObject, storageKey } from "../../api/kind.ts";
import type { Clock } from "../../component/clock.ts";
import type { ResourceCache } from "../storage/resource-cache.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import type { AdmissionRequest } from "./admission.ts";

/** Longer than a cache is late. */
const DOUBT_MS = 30_000;

export interface CacheSurroundings {
  cache: WatchCache;
  clock: Clock;
}

export class NamespacedCache<T extends KubeObject> {
  readonly #kind: Kind<T>;
  readonly #cache: WatchCache;
  readonly #objects: ResourceCache;
  readonly #clock: Clock;
  #writtenAtMs = Number.NEGATIVE_INFINITY;

  constructor(kind: Kind<T>, { cache, clock }: CacheSurroundings) {
    this.#kind = kind;
    this.#cache = cache;
    this.#objects = cache.resource(storageKey(kind));
    this.#clock = clock;
  }

  /** Told of every request, it remembers the writes of its own kind. */
  note({ kind }: AdmissionRequest): void {
    if (kind === this.#kind) this.#writtenAtMs = this.#clock.monotonicMs();
  }

  /** All of a namespace, which nobody may change. */
  async list(namespace: string): Promise<readonly T[]> {
    if (this.#writtenAtMs + DOUBT_MS > this.#clock.monotonicMs()) await this.#cache.fresh();
    const prefix = storageKey(this.#kind, namespace);
    return this.#objects.list(prefix).items.map(({ object }) => object as T);
  }
}
