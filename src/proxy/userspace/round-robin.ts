/**
 * Which endpoint a connection goes to in userspace mode: one after the other, from a shuffled list,
 * so that not every node begins with the same one. With session affinity a client keeps its
 * endpoint for as long as it comes back within the time-out.
 *
 * In Kubernetes: pkg/proxy/userspace/roundrobin.go (until 1.25)
 */
import type { Clock } from "../../component/clock.ts";
import type { Random } from "../../component/random.ts";
import type { Endpoint, ServiceEndpoints } from "../endpoint.ts";

interface Affinity {
  key: string;
  lastUsedMs: number;
}

interface Balance {
  /** Shuffled, with the next one's place. */
  endpoints: Endpoint[];
  next: number;
  affinityMs: number | undefined;
  /** By the client's address. */
  clients: Map<string, Affinity>;
}

export interface RoundRobinOptions {
  clock: Clock;
  random: Random;
}

export class RoundRobin {
  readonly #options: RoundRobinOptions;
  readonly #balances = new Map<string, Balance>();

  constructor(options: RoundRobinOptions) {
    this.#options = options;
  }

  /** From now on these, and no other, are the services and their endpoints. */
  update(services: readonly ServiceEndpoints[]): void {
    const names = new Set(services.map(({ servicePort }) => servicePort.name));
    for (const name of this.#balances.keys()) if (!names.has(name)) this.#balances.delete(name);
    for (const one of services) this.#updateOne(one);
  }

  /**
   * The next endpoint of a service port, by its name. `forget`: the one this client had is not to
   * be reached. Undefined where there is none.
   */
  next(name: string, clientIP: string, forget = false): Endpoint | undefined {
    const balance = this.#balances.get(name);
    if (balance === undefined || balance.endpoints.length === 0) return undefined;
    const kept = forget ? undefined : this.#keptOf(balance, clientIP);
    const endpoint = kept ?? balance.endpoints[balance.next]!;
    if (kept === undefined) balance.next = (balance.next + 1) % balance.endpoints.length;
    if (balance.affinityMs !== undefined) {
      const lastUsedMs = this.#options.clock.monotonicMs();
      balance.clients.set(clientIP, { key: keyOf(endpoint), lastUsedMs });
    }
    return endpoint;
  }

  #keptOf({ endpoints, affinityMs, clients }: Balance, clientIP: string): Endpoint | undefined {
    const kept = clients.get(clientIP);
    if (affinityMs === undefined || kept === undefined) return undefined;
    const unusedMs = this.#options.clock.monotonicMs() - kept.lastUsedMs;
    return unusedMs < affinityMs ? endpoints.find((one) => keyOf(one) === kept.key) : undefined;
  }

  #updateOne({ servicePort: { name, affinitySeconds }, endpoints }: ServiceEndpoints): void {
    const affinityMs = affinitySeconds === undefined ? undefined : affinitySeconds * 1_000;
    const ready = endpoints.filter((one) => one.isReady);
    const old = this.#balances.get(name);
    if (old === undefined || !isSameSet(old.endpoints, ready)) {
      const clients = new Map<string, Affinity>();
      const keys = new Set(ready.map(keyOf));
      for (const [client, kept] of old?.clients ?? []) {
        if (keys.has(kept.key)) clients.set(client, kept);
      }
      this.#balances.set(name, { endpoints: this.#shuffled(ready), next: 0, affinityMs, clients });
    } else {
      old.affinityMs = affinityMs;
      if (affinityMs === undefined) old.clients.clear();
    }
  }

  #shuffled(endpoints: Endpoint[]): Endpoint[] {
    const shuffled = [...endpoints];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = Math.floor(this.#options.random.next() * (i + 1));
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    return shuffled;
  }
}

function isSameSet(a: Endpoint[], b: Endpoint[]): boolean {
  const keys = new Set(a.map(keyOf));
  return a.length === b.length && b.every((one) => keys.has(keyOf(one)));
}

function keyOf({ ip, port }: Endpoint): string {
  return `${ip}:${port}`;
}
