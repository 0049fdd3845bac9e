/**
 * Who has which cluster IP and node port, where several API servers share a store: a key for each below
 * /registry/ranges/, made before the service is written, so that one of two servers that hand out the same
 * one comes second and learns it.
 *
 * Its rule: a claim is made before what it is for, and taken back only if it is older than the news that it is
 * needed no more. What a crash leaves behind is found by looking twice, three minutes apart.
 *
 * In Kubernetes: pkg/registry/core/service/allocator/storage, ipallocator/controller/repair.go. Differs: a key
 * for each, not one bitmap for all.
 */
import { type KubeObject, storageKey } from "../api/kind.ts";
import { Service } from "../api/service.ts";
import { type Clock, every } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { KeyValue, Store } from "./storage/store.ts";
import type { WatchCache } from "./storage/watch-cache.ts";

export interface ServiceClaimsOptions {
  store: Store;
  cache: WatchCache;
  clock: Clock;
  log: Log;
}

/** What can be claimed: "serviceips/10.254.0.7", "servicenodeports/30080". */
export type Claim = string;

/** The service that claims: its key in the store, and its uid, for there may be another of that name. */
export interface Claimant {
  key: string;
  uid: string;
}

const PREFIX = "/registry/ranges/";
const LOOK_PERIOD_MS = 180_000;

export class ServiceClaims {
  readonly #options: ServiceClaimsOptions;
  /** Claims without a service at the last look, each as it was then. */
  #suspects = new Map<string, number>();
  /** All that is being taken back. */
  #releases: Promise<void> = Promise.resolve();

  constructor(options: ServiceClaimsOptions) {
    this.#options = options;
  }

  /** Looks now and then after what a crash has left. */
  start(claimsOf: (service: Service) => Claim[], signal: AbortSignal): void {
    const { clock, log } = this.#options;
    const look = () =>
      this.#look(claimsOf).catch((error: unknown) => {
        if (!signal.aborted) log.error("Cannot look after the claims of services", error);
      });
    void look();
    every(clock, LOOK_PERIOD_MS, signal, () => void look());
  }

  /** False where another service has it. */
  async make(claim: Claim, claimant: Claimant): Promise<boolean> {
    await this.#releases;
    if (await this.#make(claim, claimant)) return true;
    // Its service may just have gone, and our watch not have said so.
    await this.#options.cache.fresh();
    await this.#releases;
    return this.#make(claim, claimant);
  }

  /** Told that at `revision` the service had no use for it any more. */
  release(claim: Claim, { uid }: Claimant, revision: number): void {
    this.#release(claim, async (current) =>
      Boolean(claimantOf(current).uid === uid && current.modRevision < revision),
    );
  }

  /** Told that what it was for came to nothing, or that nobody knows: then it stays if it is in use. */
  releaseUnlessStored(
    claim: Claim,
    { key, uid }: Claimant,
    isUsed: (of: Service) => boolean,
  ): void {
    this.#release(claim, async (current) => {
      if (claimantOf(current).uid !== uid) return false;
      const stored = await this.#options.store.get(key);
      const service = stored && (JSON.parse(stored.value.toString()) as Service);
      return service === undefined || service.metadata.uid !== uid || !isUsed(service);
    });
  }

  #release(claim: Claim, isOver: (current: KeyValue) => Promise<boolean>): void {
    const { store, log } = this.#options;
    const release = async () => {
      const current = await store.get(PREFIX + claim);
      if (current !== undefined && (await isOver(current))) {
        await store.delete(PREFIX + claim, current.modRevision);
      }
    };
    this.#releases = this.#releases.then(release).catch((error: unknown) => {
      log.info("Cannot take back a claim; the next look will", { claim, error: String(error) }, 2);
    });
  }

  async #make(claim: Claim, claimant: Claimant): Promise<boolean> {
    const value = Buffer.from(JSON.stringify(claimant));
    const result = await this.#options.store.create(PREFIX + claim, value);
    return result.succeeded || holds(result.current, claimant);
  }

  async #look(claimsOf: (service: Service) => Claim[]): Promise<void> {
    const { store, cache, log } = this.#options;
    const { items: claims } = await store.list(PREFIX);
    await cache.fresh();
    const services = cache.resource(storageKey(Service)).list().items;
    const used = new Map<string, string>();
    for (const { key, object } of services) {
      for (const claim of claimsOf(object as Service)) {
        used.set(PREFIX + claim, uidOf(object));
        if (claims.some((one) => one.key === PREFIX + claim)) continue;
        const isMade = await this.#make(claim, { key, uid: uidOf(object) });
        if (!isMade)
          log.warn("Two services have the same address or port", { claim, service: key });
      }
    }
    const unused = claims.filter((one) => used.get(one.key) !== claimantOf(one).uid);
    for (const { key, modRevision } of unused) {
      if (this.#suspects.get(key) === modRevision) await store.delete(key, modRevision);
    }
    this.#suspects = new Map(unused.map(({ key, modRevision }) => [key, modRevision]));
  }
}

function holds(current: KeyValue | undefined, { uid }: Claimant): boolean {
  return current !== undefined && claimantOf(current).uid === uid;
}

function claimantOf({ value }: KeyValue): Claimant {
  return JSON.parse(value.toString()) as Claimant;
}

function uidOf({ metadata }: KubeObject): string {
  return metadata.uid ?? "";
}
