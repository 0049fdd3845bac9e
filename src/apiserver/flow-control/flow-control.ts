/**
 * API priority and fairness: every request is of one FlowSchema, which puts it on a priority level; each level has a
 * share of all seats, and within it no flow stands in the way of another (fair-limit.ts).
 *
 * Its rule: what the objects of flowcontrol.apiserver.k8s.io say holds for the next request after they have changed.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/util/flowcontrol/apf_controller.go. Differs: every request takes
 * one seat; and what levels lend is one pool, where the original deals it out anew every ten seconds.
 */
import { FlowSchema } from "../../api/flowcontrol/flow-schema.ts";
import { PriorityLevelConfiguration } from "../../api/flowcontrol/priority-level-configuration.ts";
import { type Kind, type KubeObject, storageKey } from "../../api/kind.ts";
import type { Clock } from "../../component/clock.ts";
import type { User } from "../authenticate.ts";
import type { RequestInfo } from "../request-info.ts";
import type { WatchCache } from "../storage/watch-cache.ts";
import { FairLimit, SeatPool } from "./fair-limit.ts";
import { isAbout, rulesFor } from "./flow-rules.ts";

/** A FlowSchema whose level is there. */
export interface Classified {
  schema: FlowSchema;
  level: PriorityLevelConfiguration;
  /** Undefined where the level has none. */
  limit: FairLimit | undefined;
}

type Candidate = Classified & { rules: ReturnType<typeof rulesFor> };

const KNOWN_USERS_MAX = 10_000;

export class FlowControl {
  readonly #cache: WatchCache;
  readonly #clock: Clock;
  readonly #seats: number;
  /** By the level's name; one that is changed keeps those who wait. */
  readonly #limits = new Map<string, FairLimit>();
  readonly #pool = new SeatPool();
  /** In the order in which they are asked. Undefined while something has changed. */
  #schemas: Classified[] | undefined;
  /** Which may be about a user, since the last change. */
  #ofUser = new Map<string, Candidate[]>();

  /** `seats`: how many requests at a time in all; 0 for no limit. */
  constructor({ cache, clock, seats }: { cache: WatchCache; clock: Clock; seats: number }) {
    this.#cache = cache;
    this.#clock = clock;
    this.#seats = seats;
    for (const kind of [FlowSchema, PriorityLevelConfiguration]) this.#follow(kind as Kind);
  }

  /** Undefined only while the objects every cluster has are not there yet. */
  classify(user: User, info: RequestInfo): Classified | undefined {
    return this.#candidatesFor(user).find(({ rules }) => rules.some((one) => isAbout(one, info)));
  }

  /** The limits there are, by their levels. */
  limits(): ReadonlyMap<string, FairLimit> {
    return this.#limits;
  }

  #candidatesFor(user: User): Candidate[] {
    this.#schemas ??= this.#indexed();
    const key = `${user.name}\n${user.groups.join("\n")}`;
    let candidates = this.#ofUser.get(key);
    if (candidates === undefined) {
      candidates = this.#schemas
        .map((one) => ({ ...one, rules: rulesFor(user, one.schema) }))
        .filter(({ rules }) => rules.length > 0);
      if (this.#ofUser.size >= KNOWN_USERS_MAX) this.#ofUser.clear();
      this.#ofUser.set(key, candidates);
    }
    return candidates;
  }

  #indexed(): Classified[] {
    const levels = new Map(
      this.#list(PriorityLevelConfiguration).map((one) => [one.metadata.name, one]),
    );
    this.#resize([...levels.values()]);
    const inOrder = (one: FlowSchema) => one.spec.matchingPrecedence ?? 0;
    return this.#list(FlowSchema)
      .toSorted((a, b) => inOrder(a) - inOrder(b) || (a.metadata.name < b.metadata.name ? -1 : 1))
      .flatMap((schema) => {
        const level = levels.get(schema.spec.priorityLevelConfiguration.name);
        if (level === undefined) return [];
        return [{ schema, level, limit: this.#limits.get(level.metadata.name) }];
      });
  }

  /** Deals out the seats by shares; every limited level has one at least. */
  #resize(levels: PriorityLevelConfiguration[]): void {
    const sharesOf = ({ spec }: PriorityLevelConfiguration) =>
      (spec.limited ?? spec.exempt)?.nominalConcurrencyShares ?? 0;
    const all = levels.reduce((sum, one) => sum + sharesOf(one), 0);
    const limited = levels.filter(({ spec }) => spec.type === "Limited");
    const names = new Set(limited.map(({ metadata }) => metadata.name));
    for (const name of this.#limits.keys()) if (!names.has(name)) this.#limits.delete(name);
    const sizes = limited.map((level) => {
      const share = all === 0 ? 0 : sharesOf(level) / all;
      const seats = this.#seats === 0 ? 0 : Math.max(Math.ceil(this.#seats * share), 1);
      return { name: level.metadata.name, ...sizeOf(level, seats) };
    });
    for (const { name, seats } of sizes) {
      const limit = new FairLimit({ seats, clock: this.#clock, pool: this.#pool });
      if (!this.#limits.has(name)) this.#limits.set(name, limit);
    }
    this.#pool.resize(
      sizes.reduce((sum, { lent }) => sum + lent, 0),
      this.#limits.values(),
    );
    for (const { name, ...size } of sizes) this.#limits.get(name)!.resize(size);
  }

  #list<T extends KubeObject>(kind: Kind<T>): T[] {
    const { items } = this.#cache.resource(storageKey(kind as unknown as Kind)).list();
    return items.map(({ object }) => object as T);
  }

  #follow(kind: Kind): void {
    const forget = () => {
      this.#schemas = undefined;
      this.#ofUser.clear();
    };
    const resource = this.#cache.resource(storageKey(kind));
    resource.watch(resource.revision, {
      onEvents: forget,
      onError: () => {
        forget();
        queueMicrotask(() => !this.#cache.isStopped && this.#follow(kind));
      },
    });
  }
}

function sizeOf({ spec }: PriorityLevelConfiguration, seats: number) {
  const { lendablePercent = 0, borrowingLimitPercent, limitResponse } = spec.limited ?? {};
  const { handSize = 0, queueLengthLimit = 0 } = limitResponse?.queuing ?? {};
  return {
    ...{ seats, queueLength: handSize * queueLengthLimit },
    lent: Math.round((seats * lendablePercent) / 100),
    ...(borrowingLimitPercent !== undefined && {
      borrowing: Math.round((seats * borrowingLimitPercent) / 100),
    }),
  };
}
