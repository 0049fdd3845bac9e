/**
 * The cluster's DNS server: the zone kept as the cluster is, a resolver on it, and its sockets.
 *
 * In Kubernetes: cmd/kube-dns of github.com/kubernetes/dns
 */
import type { Registry } from "prom-client";
import type { ComponentContext } from "../client/control-loop.ts";
import { AnswerCache } from "./cache.ts";
import { followCluster } from "./cluster-records.ts";
import { normalName } from "./domain-name.ts";
import { Forwarder } from "./forward.ts";
import { type ForwardConfig, upstreamsByZone } from "./forward-config.ts";
import { createDnsMetrics } from "./metrics.ts";
import { Resolver } from "./resolver.ts";
import { startDnsServer } from "./server.ts";
import { Zone } from "./zone.ts";

export interface DnsOptions {
  /** "cluster.local" */
  domain: string;
  address: string;
  /** 0: any free port, the same for UDP and TCP. */
  port: number;
  forward: ForwardConfig;
  /**
   * "insecure": any address has a name under `pod`; "verified": those of the pods there are, which
   * are watched then.
   */
  pods?: "insecure" | "verified";
  /** Where the endpoints of headless services are read from. Default: Endpoints. */
  usesSlices?: boolean;
  registry?: Registry;
}

export interface RunningDns {
  readonly address: string;
  readonly port: number;
  readonly zone: Zone;
  /** From now on these servers are asked for what is outside of the cluster. */
  forwardTo(config: ForwardConfig): void;
  /** Finds out whether the upstream servers ask us back, and if so, asks them no more. */
  probeForLoop(): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when the server answers for all there is. Rejects where it can't have its address. */
export async function startDns(
  context: Omit<ComponentContext, "client">,
  options: DnsOptions,
): Promise<RunningDns> {
  const { informers, clock, random, log, signal } = context;
  const { address, registry, pods = "insecure", usesSlices = false } = options;
  const domain = normalName(options.domain);
  const zone = new Zone();
  const cache = new AnswerCache({ clock });
  const sizes = { names: () => zone.size, cached: () => cache.size };
  const metrics = registry && createDnsMetrics(registry, clock, sizes);
  const forward = new Forwarder({
    ...{ upstreams: new Map(), cache, clock, random, log, signal },
    ...(metrics && { observer: metrics.forward }),
  });
  const isEveryPodNamed = pods === "insecure";
  const resolver = new Resolver({ domain, zone, forward, isEveryPodNamed, clock, random });
  await followCluster({
    ...{ informers, domain, zone, watchesPods: !isEveryPodNamed, usesSlices },
    ...(metrics && { onEndpoints: metrics.endpointsServed }),
  });
  const server = await startDnsServer({
    ...{ address, port: options.port, clock, log },
    ...(metrics && { observer: metrics.server }),
    resolve: (query) => resolver.resolve(query),
  });
  const forwardTo = (config: ForwardConfig) => forward.use(upstreamsByZone(config, server));
  forwardTo(options.forward);
  return {
    ...{ address, port: server.port, zone, forwardTo },
    probeForLoop: () => forward.probeForLoop(),
    stop: () => server.stop(),
  };
}
