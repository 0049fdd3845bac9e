/**
 * What the watch cache holds, as one version of a custom kind shows it: converted, with the defaults its
 * schema has now. Each object is made over once for each version, and shared by all who read it.
 *
 * A conversion may have to ask a webhook, so it takes time: the changes of a watch pass through one after the
 * other, in their order, and a conversion that fails ends the watch.
 *
 * In Kubernetes: every version of a custom kind has a cache of its own that decodes as it reads
 * (customresource_handler.go); differs: one cache, seen in several ways.
 */
import type { Kind } from "../../api/kind.ts";
import { CachedEvent, CachedObject } from "../storage/cached-object.ts";
import type { CacheListener, ResourceCache } from "../storage/resource-cache.ts";
import type { StoreWatch } from "../storage/store.ts";
import { copyOf } from "../stored-object.ts";

/** What a watch needs of a ResourceCache. */
export type WatchedResource = Pick<ResourceCache, "revision" | "list" | "watch">;

/** By kind, which is made anew whenever its definition changes. */
const shown = new WeakMap<Kind, WeakMap<CachedObject, CachedObject>>();

/** The same objects, in the version of `kind`. */
export function shownAs(
  kind: Kind,
  objects: CachedObject[],
): CachedObject[] | Promise<CachedObject[]> {
  return kind.custom === undefined ? objects : converted(kind, objects);
}

async function converted(kind: Kind, objects: CachedObject[]): Promise<CachedObject[]> {
  let known = shown.get(kind);
  if (known === undefined) {
    known = new WeakMap();
    shown.set(kind, known);
  }
  const missing = objects.filter((object) => !known.has(object));
  if (missing.length > 0) {
    const made = await kind.custom!.fromStored(missing.map(({ object }) => copyOf(object)));
    for (const [i, one] of missing.entries()) known.set(one, sameOrNew(one, made[i]!));
  }
  return objects.map((object) => known.get(object)!);
}

function sameOrNew(stored: CachedObject, made: object): CachedObject {
  const bytes = Buffer.from(JSON.stringify(made));
  if (bytes.equals(stored.bytes)) return stored;
  const { key, createRevision, modRevision } = stored;
  return new CachedObject(key, createRevision, modRevision, bytes);
}

/** The resource as a watch reads it: what is there below `prefix`, and what changes from then on. */
export async function viewOf(
  kind: Kind,
  resource: ResourceCache,
  prefix: string,
): Promise<WatchedResource> {
  if (kind.custom === undefined) return resource;
  const { items, revision } = resource.list(prefix);
  return new VersionView(kind, resource, { items: await converted(kind, items), revision });
}

class VersionView implements WatchedResource {
  readonly #kind: Kind;
  readonly #resource: ResourceCache;
  readonly #content: { items: CachedObject[]; revision: number };
  #delivered: number;
  #underWay = 0;

  constructor(
    kind: Kind,
    resource: ResourceCache,
    content: { items: CachedObject[]; revision: number },
  ) {
    this.#kind = kind;
    this.#resource = resource;
    this.#content = content;
    this.#delivered = content.revision;
  }

  /** Up to here all has been delivered: what is still being converted has not. */
  get revision(): number {
    return this.#underWay === 0 ? this.#resource.revision : this.#delivered;
  }

  list() {
    return this.#content;
  }

  watch(fromRevision: number, listener: CacheListener): StoreWatch {
    let queue: Promise<void> = Promise.resolve();
    let isOver = false;
    const end = (error: Error) => {
      if (!isOver) listener.onError(error);
      isOver = true;
      watch.stop();
    };
    const deliver = async (events: readonly CachedEvent[]) => {
      if (isOver) return;
      const made = await this.#convert(events);
      if (isOver) return;
      listener.onEvents(made);
      this.#delivered = events.at(-1)!.revision;
    };
    const watch = this.#resource.watch(fromRevision, {
      onEvents: (events) => {
        this.#underWay++;
        queue = queue
          .then(() => deliver(events))
          .catch(end)
          .finally(() => this.#underWay--);
      },
      onError: (error) => {
        queue = queue.then(() => end(error));
      },
    });
    return {
      stop: () => {
        isOver = true;
        watch.stop();
      },
    };
  }

  async #convert(events: readonly CachedEvent[]): Promise<CachedEvent[]> {
    const objects = events.flatMap(({ current, previous }) => [
      current,
      ...(previous ? [previous] : []),
    ]);
    const made = await converted(this.#kind, objects);
    const versionOf = new Map(objects.map((object, i) => [object, made[i]!]));
    return events.map(({ type, current, previous }) => {
      const { key, bytes, createRevision, modRevision } = versionOf.get(current)!;
      const event = {
        type: type === "DELETED" ? ("delete" as const) : ("put" as const),
        ...{ key, value: bytes, createRevision, modRevision },
      };
      return new CachedEvent(event, previous && versionOf.get(previous));
    });
  }
}
