/**
 * The book in which requests are charged to quotas. Its invariant: no quota is ever charged beyond its
 * limit, however many requests come at once and to however many API servers, because every entry is a
 * compare and swap on the quota's status.
 *
 * Requests of one namespace that come while an entry is being written wait, and are then charged together: a
 * hundred pods at once are a few writes, not a hundred writes that get in each other's way.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go
 */
import { type ApiError, isNotFound } from "../../api/errors.ts";
import type { KubeObject } from "../../api/kind.ts";
import { ResourceQuota } from "../../api/resource-quota.ts";
import type { Clock } from "../../component/clock.ts";
import type { Registry } from "../registry.ts";
import { type AdmissionRequest, THE_SERVER_ITSELF } from "./admission.ts";
import { charged } from "./quota-charge.ts";
import { refusal } from "./refusal.ts";

export interface QuotaLedgerOptions {
  /** Asked for at the first request: the registry has the plug-ins before they have it. */
  registry: () => Registry;
  clock: Clock;
}

interface Waiting {
  request: AdmissionRequest;
  quotas: readonly string[];
  refused?: ApiError;
  done(error?: unknown): void;
}

type Refused = Map<Waiting, ApiError>;

export class QuotaLedger {
  readonly #options: QuotaLedgerOptions;
  /** By namespace, those that wait while another batch is being charged. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(options: QuotaLedgerOptions) {
    this.#options = options;
  }

  /** Rejects with a 403 where one of the quotas would be exceeded. */
  charge(request: AdmissionRequest, quotas: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error?: unknown) => (error === undefined ? resolve() : reject(error));
      const one: Waiting = { request, quotas, done };
      const others = this.#waiting.get(request.namespace);
      if (others !== undefined) return void others.push(one);
      this.#waiting.set(request.namespace, [one]);
      void this.#work(request.namespace);
    });
  }

  async #work(namespace: string): Promise<void> {
    for (;;) {
      const batch = this.#waiting.get(namespace)!;
      if (batch.length === 0) break;
      this.#waiting.set(namespace, []);
      await this.#settle(namespace, batch).then(
        () => batch.forEach(({ done, refused }) => void done(refused)),
        (error) => batch.forEach(({ done, refused }) => void done(refused ?? error)),
      );
    }
    this.#waiting.delete(namespace);
  }

  /** Judged by all quotas before any is charged: who is refused by one is not charged to another. */
  async #settle(namespace: string, batch: Waiting[]): Promise<void> {
    const names = [...new Set(batch.flatMap(({ quotas }) => quotas))].toSorted();
    for (const name of names) {
      const quota = await this.#read(namespace, name);
      if (quota !== undefined) refuse(this.#enter(quota, batch.filter(isOpen)).refused);
    }
    for (const name of names) {
      const admitted = batch.filter((one) => isOpen(one) && !one.request.isDryRun);
      if (admitted.length > 0) refuse(await this.#write(namespace, name, admitted));
    }
  }

  async #read(namespace: string, name: string): Promise<ResourceQuota | undefined> {
    try {
      return (await this.#options.registry().get(ResourceQuota, namespace, name)) as ResourceQuota;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Where somebody else was quicker, the registry calls again with what is there then. */
  async #write(namespace: string, name: string, batch: Waiting[]): Promise<Refused> {
    const target = {
      kind: ResourceQuota,
      namespace,
      name,
      subresource: "status",
    };
    let refused: Refused = new Map();
    const change = (current: KubeObject | undefined) => {
      const entry = this.#enter(current as ResourceQuota, batch);
      refused = entry.refused;
      return entry.quota;
    };
    try {
      await this.#options.registry().update(target, change, THE_SERVER_ITSELF);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return refused;
  }

  /** One after the other, each on what those before it have left. */
  #enter(quota: ResourceQuota, batch: Waiting[]): { quota: ResourceQuota; refused: Refused } {
    const refused: Refused = new Map();
    let running = quota;
    for (const one of batch) {
      const outcome = charged(running, one.request, this.#options.clock.now());
      if ("why" in outcome) refused.set(one, refusal(one.request, outcome.why));
      else if (!one.request.isDryRun) {
        running = { ...running, status: { ...running.status, used: outcome.used } };
      }
    }
    return { quota: running, refused };
  }
}

function isOpen({ refused }: Waiting): boolean {
  return refused === undefined;
}

function refuse(refused: Refused): void {
  for (const [one, error] of refused) one.refused = error;
}
