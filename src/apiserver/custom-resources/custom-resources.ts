/**
 * Definitions at work: accepts their names, serves their kinds once the names are accepted, and, when a
 * definition is deleted, first deletes every object of its kind.
 *
 * It looks at definitions in the watch cache, so that several API servers on one store agree; what each
 * writes of a definition's status is the same, and whoever is slower meets a conflict and has nothing to do.
 *
 * In Kubernetes: the controllers of staging/src/k8s.io/apiextensions-apiserver/pkg/controller/{status,
 * establish,finalizer} and pkg/apiserver/customresource_handler.go
 */
import { type Convert, kindsOf } from "../../api/apiextensions/custom-kind.ts";
import {
  CustomResourceDefinition,
  isTrue,
  setCondition,
} from "../../api/apiextensions/custom-resource-definition.ts";
import { loadRules } from "../../api/apiextensions/rules.ts";
import { isConflict, isNotFound } from "../../api/errors.ts";
import { type Kind, storageKey } from "../../api/kind.ts";
import type { WorkQueue } from "../../client/work-queue.ts";
import { type Clock, toApiTime } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import { lookAfter } from "../look-after.ts";
import type { Registry } from "../registry.ts";
import type { Resources } from "../resources.ts";
import type { StoreWatch } from "../storage/store.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import { copyOf } from "../stored-object.ts";
import { writeAsServer } from "./as-server.ts";
import { Cleanup } from "./cleanup.ts";
import { conversionOf } from "./conversion.ts";
import { judgeNames, shows } from "./names.ts";
import type { WebhookDialer } from "./webhook-call.ts";

export interface CustomResourcesOptions extends WebhookDialer {
  cache: WatchCache;
  registry: Registry;
  resources: Resources;
  clock: Clock;
  log: Log;
}

const DEFINITION = CustomResourceDefinition as unknown as Kind;
const ESTABLISHED = "the initial names have been accepted";

export class CustomResources {
  readonly #options: CustomResourcesOptions;
  readonly #queue: WorkQueue;
  readonly #cleanup: Cleanup;
  /** What is served, by the name of its definition: the prefix, and what of the definition it was made from. */
  readonly #served = new Map<string, { prefix: string; madeFrom: string }>();
  #watch: StoreWatch | undefined;
  #isStopped = false;

  /** Resolves when all that is established is served. */
  static async start(options: CustomResourcesOptions): Promise<CustomResources> {
    const custom = new CustomResources(options);
    await custom.#begin();
    return custom;
  }

  private constructor(options: CustomResourcesOptions) {
    this.#options = options;
    const log = options.log.named("custom-resources");
    const sync = (name: string) => this.#sync(name);
    this.#queue = lookAfter({ ...options, log, what: "definition", sync });
    this.#cleanup = new Cleanup({ ...options, log, again: (name) => this.#queue.add(name) });
  }

  stop(): void {
    this.#isStopped = true;
    this.#watch?.stop();
    this.#cleanup.stop();
    this.#queue.close();
  }

  async #begin(): Promise<void> {
    const { cache } = this.#options;
    this.#follow();
    const names = cache.resource(storageKey(DEFINITION)).list().items.map(nameOf);
    await Promise.all(names.map((name) => this.#serve(name)));
    for (const name of names) this.#queue.add(name);
  }

  /** Every change of a definition is looked at; one that is being served already is served anew at once. */
  #follow(): void {
    const definitions = this.#options.cache.resource(storageKey(DEFINITION));
    this.#watch = definitions.watch(definitions.revision, {
      onEvents: (events) => {
        for (const { current } of events) {
          const name = nameOf(current);
          if (this.#served.has(name) || this.#canServe(name)) this.#refresh(name);
          this.#queue.add(name);
          this.#wakeRivals(name);
        }
      },
      onError: () => {
        // Not before the cache has its new content.
        queueMicrotask(() => this.#followAnew());
      },
    });
  }

  /** All it takes is here already. */
  #canServe(name: string): boolean {
    const definition = this.#definition(name);
    return definition !== undefined && this.#options.cache.holds(prefixOf(definition));
  }

  #followAnew(): void {
    if (this.#isStopped) return;
    this.#follow();
    for (const name of this.#known()) this.#queue.add(name);
  }

  #known(): Set<string> {
    const { items } = this.#options.cache.resource(storageKey(DEFINITION)).list();
    return new Set([...items.map(nameOf), ...this.#served.keys()]);
  }

  /** A name that one gives up, another of its group may have been waiting for. */
  #wakeRivals(name: string): void {
    const group = name.slice(name.indexOf(".") + 1);
    for (const other of this.#known()) {
      if (other !== name && other.endsWith(`.${group}`)) this.#queue.add(other);
    }
  }

  #definition(name: string): CustomResourceDefinition | undefined {
    const { cache } = this.#options;
    const found = cache.resource(storageKey(DEFINITION)).get(storageKey(DEFINITION, "", name));
    return found?.object as CustomResourceDefinition | undefined;
  }

  async #sync(name: string): Promise<void> {
    const definition = this.#definition(name);
    await this.#serve(name);
    if (definition === undefined) return;
    if (await this.#acceptNames(definition)) return;
    if (isTrue(definition, "NamesAccepted") && !isTrue(definition, "Established")) {
      await this.#establish(definition);
    } else if (definition.metadata.deletionTimestamp !== undefined) {
      await this.#cleanup.run(copyOf(definition), this.#convertOf(definition));
    }
  }

  /** Loads what serving takes, and serves. */
  async #serve(name: string): Promise<void> {
    const definition = this.#definition(name);
    if (definition !== undefined && isTrue(definition, "NamesAccepted")) {
      await loadRules();
      await this.#options.cache.addResource(prefixOf(definition));
    }
    this.#refresh(name);
  }

  /** Serves the definition as it is now; nothing of it where it has gone. */
  #refresh(name: string): void {
    const { resources, cache } = this.#options;
    const definition = this.#definition(name);
    const old = this.#served.get(name);
    if (definition === undefined || !isTrue(definition, "Established")) {
      resources.setCustom(name, []);
      if (definition === undefined && old !== undefined) {
        this.#served.delete(name);
        cache.removeResource(old.prefix);
      }
      return;
    }
    const madeFrom = essenceOf(definition);
    if (old?.madeFrom === madeFrom) return;
    const prefix = prefixOf(definition);
    resources.setCustom(name, kindsOf(copyOf(definition), this.#convertOf(definition)));
    this.#served.set(name, { prefix, madeFrom });
    // Who watches is shown objects by the old definition: it has to ask again.
    if (old !== undefined) cache.resource(prefix).fail(new Error(`${name} has changed`));
  }

  #convertOf(definition: CustomResourceDefinition): Convert {
    return conversionOf(copyOf(definition), this.#options);
  }

  /** True where the status had to be written: its change will bring the definition here again. */
  async #acceptNames(definition: CustomResourceDefinition): Promise<boolean> {
    const { cache } = this.#options;
    const { items } = cache.resource(storageKey(DEFINITION)).list();
    const others = items
      .filter((one) => nameOf(one) !== definition.metadata.name)
      .map(({ object }) => object as CustomResourceDefinition);
    const verdict = judgeNames(definition, others);
    if (shows(definition, verdict)) return false;
    await this.#write(definition, (next) => {
      next.status = { ...next.status, acceptedNames: verdict.acceptedNames };
      for (const condition of [verdict.namesAccepted, verdict.established]) {
        setCondition(next, { ...condition, lastTransitionTime: this.#now() });
      }
    });
    return true;
  }

  /** The cache holds the kind by now, so that whoever sees this can use it. */
  async #establish(definition: CustomResourceDefinition): Promise<void> {
    await this.#write(definition, (next) =>
      setCondition(next, {
        type: "Established",
        status: "True",
        lastTransitionTime: this.#now(),
        reason: "InitialNamesAccepted",
        message: ESTABLISHED,
      }),
    );
  }

  async #write(
    definition: CustomResourceDefinition,
    change: (next: CustomResourceDefinition) => void,
  ): Promise<void> {
    const next = copyOf(definition);
    change(next);
    try {
      await writeAsServer(this.#options.registry, DEFINITION, next);
    } catch (error) {
      // Another server was quicker, or the definition has changed: we shall be told.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  #now(): string {
    return toApiTime(this.#options.clock.now());
  }
}

function nameOf({ key }: { key: string }): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

export function prefixOf({ spec }: CustomResourceDefinition): string {
  return `/registry/${spec.group}/${spec.names.plural}/`;
}

/** What of a definition decides how its objects are served. */
function essenceOf({ metadata, spec, status }: CustomResourceDefinition): string {
  const { uid, deletionTimestamp } = metadata;
  return JSON.stringify({ uid, deletionTimestamp, spec, names: status?.acceptedNames });
}
