/**
 * Where the kubernetes service leads: to every API server that lives. Each writes, every ten seconds, a key of
 * its own below /registry/masterleases/; one whose key has not been written for fifteen is taken for dead, and
 * its address goes from the service's Endpoints and EndpointSlice.
 *
 * Its rule: the last address is never taken away.
 *
 * In Kubernetes: pkg/controlplane/reconcilers/lease.go, endpointsadapter.go. Differs: the key has no lease of
 * etcd's, so that every store will do; the others see by its revision that nobody renews it, and delete it.
 */
import { isIPv6 } from "node:net";
import { EndpointSlice, SERVICE_NAME_LABEL } from "../api/discovery/endpoint-slice.ts";
import { Endpoints } from "../api/endpoints.ts";
import { apiVersionOf, type Kind, type KubeObject } from "../api/kind.ts";
import { type Clock, every } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import { KUBERNETES_SERVICE as NAME, systemContext } from "./bootstrap.ts";
import type { Registry } from "./registry.ts";
import type { Store } from "./storage/store.ts";

export interface MasterEndpointsOptions {
  store: Store;
  registry: Registry;
  clock: Clock;
  log: Log;
  /** Where this server is reached. All listen on the same port. */
  advertise: { address: string; port: number };
  signal: AbortSignal;
}

const PREFIX = "/registry/masterleases/";
const RENEW_MS = 10_000;
const LEASE_MS = 15_000;

/** Resolves when the service leads here. */
export async function startMasterEndpoints(options: MasterEndpointsOptions) {
  const masters = new MasterEndpoints(options);
  await masters.renew();
  every(options.clock, RENEW_MS, options.signal, () => masters.renewOrTell());
  return masters;
}

class MasterEndpoints {
  readonly #options: MasterEndpointsOptions;
  readonly #ownKey: string;
  /** At which revision each lease was seen first, and when. */
  readonly #seen = new Map<string, { revision: number; atMs: number }>();
  #work: Promise<void> = Promise.resolve();

  constructor(options: MasterEndpointsOptions) {
    this.#options = options;
    this.#ownKey = PREFIX + options.advertise.address;
  }

  async renew(): Promise<void> {
    await this.#writeLease();
    await this.#publish(await this.#living());
  }

  renewOrTell(): void {
    const { log, signal } = this.#options;
    this.#work = this.#work
      .then(() => (signal.aborted ? undefined : this.renew()))
      .catch((error: unknown) => {
        if (!signal.aborted) log.error("Cannot renew the endpoints of this API server", error);
      });
  }

  /** This server goes: the others are to be used. */
  async leave(): Promise<void> {
    const { store, log } = this.#options;
    await this.#work;
    try {
      const own = await store.get(this.#ownKey);
      if (own !== undefined) await store.delete(this.#ownKey, own.modRevision);
      await this.#publish(await this.#living());
    } catch (error) {
      log.error("Cannot remove the endpoints of this API server", error);
    }
  }

  async #writeLease(): Promise<void> {
    const { store, advertise } = this.#options;
    const subsets = [{ addresses: [{ ip: advertise.address }] }];
    for (let current = await store.get(this.#ownKey); ; ) {
      const generation = current === undefined ? 0 : generationOf(current.value) + 1;
      const lease = { kind: "Endpoints", apiVersion: "v1", metadata: { generation }, subsets };
      const bytes = Buffer.from(JSON.stringify(lease));
      const result = await store.update(this.#ownKey, bytes, current?.modRevision ?? 0);
      if (result.succeeded) return;
      current = result.current;
    }
  }

  /** The addresses of those that renew their leases; who does not loses it. */
  async #living(): Promise<string[]> {
    const { store, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const { items } = await store.list(PREFIX);
    const living: string[] = [];
    for (const { key, modRevision: revision } of items) {
      const seen = this.#seen.get(key);
      if (seen?.revision !== revision) this.#seen.set(key, { revision, atMs: nowMs });
      else if (nowMs - seen.atMs >= LEASE_MS) {
        await store.delete(key, revision);
        continue;
      }
      living.push(key.slice(PREFIX.length));
    }
    return living.toSorted();
  }

  async #publish(addresses: string[]): Promise<void> {
    if (addresses.length === 0) return;
    const { port } = this.#options.advertise;
    const ports = [{ name: "https", port, protocol: "TCP" }];
    const subsets = [{ addresses: addresses.map((ip) => ({ ip })), ports }];
    await this.#put(Endpoints, {
      metadata: { name: NAME, labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
      subsets,
    });
    const endpoints = addresses.map((ip) => ({ addresses: [ip], conditions: { ready: true } }));
    await this.#put(EndpointSlice, {
      metadata: { name: NAME, labels: { [SERVICE_NAME_LABEL]: NAME } },
      ...{ addressType: isIPv6(addresses[0]!) ? "IPv6" : "IPv4", endpoints, ports },
    });
  }

  async #put<T extends KubeObject>(kind: Kind<T>, wanted: Omit<T, "apiVersion" | "kind">) {
    const target = { kind, namespace: "default", name: NAME, subresource: "" };
    const fresh = { apiVersion: apiVersionOf(kind), kind: kind.kind, ...wanted } as KubeObject;
    const { metadata: _, ...content } = fresh;
    const change = (current: KubeObject | undefined) =>
      current === undefined ? fresh : { ...current, ...content };
    await this.#options.registry.update(target, change, {
      ...systemContext,
      isCreatedByPatch: true,
    });
  }
}

function generationOf(value: Buffer): number {
  const { metadata } = JSON.parse(value.toString()) as { metadata?: { generation?: number } };
  return metadata?.generation ?? 0;
}
