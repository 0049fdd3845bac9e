/**
 * Aggregation: APIServices at work. Those of this server are written by it; for each that names a service, the
 * server behind it answers, as long as it is found available, which is looked at whenever something of it
 * changes, and every half minute.
 *
 * In Kubernetes: staging/src/k8s.io/kube-aggregator/pkg/apiserver/apiserver.go, pkg/controllers/status
 */
import { APIService, availability } from "../../api/apiregistration/api-service.ts";
import { Endpoints } from "../../api/endpoints.ts";
import { isConflict, isNotFound } from "../../api/errors.ts";
import { type Kind, storageKey } from "../../api/kind.ts";
import { Service } from "../../api/service.ts";
import type { WorkQueue } from "../../client/work-queue.ts";
import { every, toApiTime } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import { writeAsServer } from "../custom-resources/as-server.ts";
import { lookAfter } from "../look-after.ts";
import type { Claim } from "../resources.ts";
import type { ResourceCache } from "../storage/resource-cache.ts";
import type { StoreWatch } from "../storage/store.ts";
import { copyOf } from "../stored-object.ts";
import { availabilityOf } from "./availability.ts";
import { type LocalServicesOptions, writeLocalServices } from "./local-services.ts";
import { RemoteGroup } from "./remote-group.ts";
import type { RemoteServerOptions } from "./remote-server.ts";

export interface AggregationOptions extends LocalServicesOptions, RemoteServerOptions {
  log: Log;
}

const KIND = APIService as unknown as Kind;
const PERIOD_MS = 30_000;
/** The key under which the queue looks after the server's own. */
const LOCAL = "";

export class Aggregation {
  readonly #options: AggregationOptions;
  readonly #queue: WorkQueue;
  readonly #lifetime = new AbortController();
  readonly #groups = new Map<string, RemoteGroup>();
  /** Who answered before the remote one did. */
  readonly #before = new Map<string, Claim | undefined>();
  readonly #watches = new Map<ResourceCache, StoreWatch>();

  static async start(options: AggregationOptions): Promise<Aggregation> {
    const aggregation = new Aggregation(options);
    await writeLocalServices(options);
    aggregation.#begin();
    return aggregation;
  }

  private constructor(options: AggregationOptions) {
    this.#options = options;
    const log = options.log.named("aggregation");
    const sync = (name: string) => this.#sync(name);
    this.#queue = lookAfter({ ...options, log, what: "API service", sync });
  }

  /** Those another server answers for. */
  get groups(): Iterable<RemoteGroup> {
    return this.#groups.values();
  }

  groupOf(group: string, version: string): RemoteGroup | undefined {
    return this.#groups.get(`${version}.${group}`);
  }

  stop(): void {
    this.#lifetime.abort();
    this.#queue.close();
    for (const watch of this.#watches.values()) watch.stop();
  }

  #begin(): void {
    const { cache, clock, resources } = this.#options;
    for (const kind of [KIND, Service, Endpoints]) {
      this.#follow(cache.resource(storageKey(kind as unknown as Kind)));
    }
    resources.onChange(() => this.#queue.add(LOCAL));
    every(clock, PERIOD_MS, this.#lifetime.signal, () => this.#lookAtAll());
    this.#lookAtAll();
  }

  #follow(resource: ResourceCache): void {
    if (this.#lifetime.signal.aborted) return;
    const isOwn = resource.prefix === storageKey(KIND);
    const onEvents = (events: readonly { current: { key: string } }[]) => {
      for (const { current } of events) {
        if (isOwn) this.#queue.add(current.key.slice(resource.prefix.length));
        else this.#lookAtThoseBehind(current.key.slice(resource.prefix.length));
      }
    };
    const onError = () =>
      queueMicrotask(() => {
        this.#follow(resource);
        this.#lookAtAll();
      });
    this.#watches.set(resource, resource.watch(resource.revision, { onEvents, onError }));
  }

  #lookAtAll(): void {
    const { items } = this.#options.cache.resource(storageKey(KIND)).list();
    const names = items
      .filter(({ object }) => (object as APIService).spec.service !== undefined)
      .map(({ object }) => object.metadata.name);
    for (const name of new Set([...names, ...this.#groups.keys()])) this.#queue.add(name);
  }

  #lookAtThoseBehind(key: string): void {
    for (const [name, { service }] of this.#groups) {
      const { namespace, name: of } = service.spec.service!;
      if (key === `${namespace}/${of}`) this.#queue.add(name);
    }
  }

  async #sync(name: string): Promise<void> {
    if (name === LOCAL) return writeLocalServices(this.#options);
    const { cache } = this.#options;
    const found = cache.find(storageKey(KIND, "", name))?.object as APIService | undefined;
    if (found?.spec.service === undefined) {
      this.#giveBack(name);
      // Somebody may have deleted one of the server's own.
      if (found === undefined) await writeLocalServices(this.#options);
      return;
    }
    const group = this.#take(name, found);
    const verdict = await availabilityOf(found, group.server, cache);
    if (verdict.status === "True") {
      await group.discover();
      group.isAvailable = true;
    } else group.isAvailable = false;
    await this.#report(found, verdict);
    if (group.isAvailable) await this.#describe(group);
  }

  /** Its types are no condition for its service: who cannot tell them is served all the same. */
  async #describe({ openApi, service }: RemoteGroup): Promise<void> {
    try {
      await openApi.refresh();
    } catch (error) {
      const err = (error as Error).message;
      this.#options.log.warn("An API service does not tell its types", {
        ...{ name: service.metadata.name, err },
      });
    }
  }

  #take(name: string, service: APIService): RemoteGroup {
    const known = this.#groups.get(name);
    if (known && JSON.stringify(known.service.spec) === JSON.stringify(service.spec)) return known;
    const { resources } = this.#options;
    const { group = "", version = "" } = service.spec;
    if (known === undefined) this.#before.set(name, resources.claimOn({ group, version }));
    const made = new RemoteGroup(copyOf(service), this.#options);
    this.#groups.set(name, made);
    resources.setClaim(group, version, made);
    return made;
  }

  #giveBack(name: string): void {
    const known = this.#groups.get(name);
    if (known === undefined) return;
    const { group = "", version = "" } = known.service.spec;
    this.#groups.delete(name);
    this.#options.resources.setClaim(group, version, this.#before.get(name));
    this.#before.delete(name);
  }

  async #report(service: APIService, verdict: Awaited<ReturnType<typeof availabilityOf>>) {
    const old = availability(service);
    const isSame =
      old?.status === verdict.status &&
      old.reason === verdict.reason &&
      old.message === verdict.message;
    if (isSame) return;
    const now = toApiTime(this.#options.clock.now());
    const lastTransitionTime =
      old?.status === verdict.status ? (old.lastTransitionTime ?? now) : now;
    const next = copyOf(service);
    const others = (next.status?.conditions ?? []).filter(({ type }) => type !== "Available");
    const condition = { type: "Available", lastTransitionTime, ...verdict };
    next.status = { ...next.status, conditions: [...others, condition] };
    try {
      await writeAsServer(this.#options.registry, KIND, next);
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}
