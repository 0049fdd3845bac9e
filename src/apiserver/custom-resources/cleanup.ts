/**
 * What comes before the end of a definition: every object of its kind is deleted, and when the last has gone
 * (some may be held by finalizers) the definition is let go.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/controller/finalizer/crd_finalizer.go
 */
import { type Convert, customKind } from "../../api/apiextensions/custom-kind.ts";
import {
  CLEANUP_FINALIZER,
  CustomResourceDefinition,
  conditionOf,
  setCondition,
} from "../../api/apiextensions/custom-resource-definition.ts";
import { isConflict, isNotFound } from "../../api/errors.ts";
import type { Kind } from "../../api/kind.ts";
import { type Clock, toApiTime } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import type { Registry } from "../registry.ts";
import type { CachedObject } from "../storage/cached-object.ts";
import type { ResourceCache } from "../storage/resource-cache.ts";
import type { StoreWatch } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import { AS_SERVER, writeAsServer } from "./as-server.ts";

export interface CleanupOptions {
  cache: WatchCache;
  registry: Registry;
  clock: Clock;
  log: Log;
  /** Asks for another look at a definition. */
  again(name: string): void;
}

const DEFINITION = CustomResourceDefinition as unknown as Kind;

export class Cleanup {
  readonly #options: CleanupOptions;
  /** Watches on what is left, by definition. */
  readonly #waiting = new Map<string, StoreWatch>();

  constructor(options: CleanupOptions) {
    this.#options = options;
  }

  stop(): void {
    for (const watch of this.#waiting.values()) watch.stop();
    this.#waiting.clear();
  }

  /** One step. `definition` may be changed. */
  async run(definition: CustomResourceDefinition, convert: Convert): Promise<void> {
    const { metadata, spec } = definition;
    if (!metadata.finalizers?.includes(CLEANUP_FINALIZER)) return;
    if (conditionOf(definition, "Terminating")?.reason === "InstanceDeletionPending") {
      const message = "CustomResource deletion is in progress";
      return this.#report(definition, "True", "InstanceDeletionInProgress", message);
    }
    const resource = await this.#options.cache.addResource(
      `/registry/${spec.group}/${spec.names.plural}/`,
    );
    await this.#options.cache.fresh();
    const storage = spec.versions.find((version) => version.storage)!;
    await this.#deleteAll(customKind(definition, storage, convert), resource.list().items);
    await this.#options.cache.fresh();
    if (resource.size > 0) return this.#wait(metadata.name, resource);
    this.#forget(metadata.name);
    metadata.finalizers = metadata.finalizers.filter((one) => one !== CLEANUP_FINALIZER);
    await this.#report(definition, "False", "InstanceDeletionCompleted", "removed all instances");
  }

  async #deleteAll(kind: Kind, objects: CachedObject[]): Promise<void> {
    for (const { object } of objects) {
      const { namespace = "", name, deletionTimestamp } = object.metadata;
      if (deletionTimestamp !== undefined) continue;
      const target = { kind, namespace, name, subresource: "" };
      try {
        await this.#options.registry.delete(target, {}, AS_SERVER);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }

  /** Until something of it changes. */
  #wait(name: string, resource: ResourceCache): void {
    if (this.#waiting.has(name)) return;
    const again = () => this.#options.again(name);
    const onError = () => {
      this.#waiting.delete(name);
      again();
    };
    this.#waiting.set(name, resource.watch(resource.revision, { onEvents: again, onError }));
  }

  #forget(name: string): void {
    this.#waiting.get(name)?.stop();
    this.#waiting.delete(name);
  }

  async #report(
    definition: CustomResourceDefinition,
    status: string,
    reason: string,
    message: string,
  ): Promise<void> {
    const lastTransitionTime = toApiTime(this.#options.clock.now());
    setCondition(definition, { type: "Terminating", status, lastTransitionTime, reason, message });
    try {
      await writeAsServer(this.#options.registry, DEFINITION, definition);
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}
