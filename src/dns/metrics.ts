/**
 * What /metrics says of the DNS server, under the names CoreDNS gave it.
 *
 * In Kubernetes: github.com/coredns/coredns/plugin/metrics/vars, plugin/cache, plugin/forward,
 * plugin/kubernetes/metrics.go. Differs: one label for the server's zones in the place of four.
 */
import { zipObject } from "lodash-es";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { KubeObject } from "../api/kind.ts";
import type { Clock } from "../component/clock.ts";
import { RCODES } from "./answer.ts";
import type { ForwardObserver } from "./forward.ts";
import type { ServerObserver } from "./query-handler.ts";
import { typeName } from "./record.ts";

/** 0.25 ms, doubled fifteen times. */
const BUCKETS = Array.from({ length: 16 }, (_, i) => 0.000_25 * 2 ** i);
/** 1 ms, doubled nineteen times. */
const PROGRAMMING_BUCKETS = Array.from({ length: 20 }, (_, i) => 0.001 * 2 ** i);
const TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";
const RCODE_NAMES = new Map<number, string>(
  Object.entries(RCODES).map(([name, number]) => [number, name]),
);

export interface DnsMetrics {
  server: ServerObserver;
  forward: ForwardObserver;
  endpointsServed(endpoints: KubeObject): void;
}

export interface Sizes {
  names(): number;
  cached(): number;
}

export function createDnsMetrics(registry: Registry, clock: Clock, sizes: Sizes): DnsMetrics {
  const registers = [registry];
  const programming = new Histogram({
    name: "coredns_kubernetes_dns_programming_duration_seconds",
    help: "Time from a change of a headless service's endpoints to the answer that shows it.",
    labelNames: ["service_kind"] as const,
    ...{ registers, buckets: PROGRAMMING_BUCKETS },
  });
  createSizeGauges(registry, sizes);
  return {
    server: createServerObserver(registry),
    forward: createForwardObserver(registry),
    endpointsServed({ metadata }) {
      const changed = Date.parse(metadata.annotations?.[TRIGGER_TIME] ?? "");
      if (Number.isNaN(changed)) return;
      const tookMs = Math.max(0, clock.now().getTime() - changed);
      programming.observe({ service_kind: "headless_with_selector" }, tookMs / 1_000);
    },
  };
}

function createServerObserver(registry: Registry): ServerObserver {
  const registers = [registry];
  const requests = counterByKey(registry, {
    name: "coredns_dns_requests_total",
    help: "Counter of DNS requests made per protocol and type.",
    labelNames: ["proto", "type"],
  });
  const responses = counterByKey(registry, {
    name: "coredns_dns_responses_total",
    help: "Counter of response status codes.",
    labelNames: ["rcode"],
  });
  const duration = new Histogram({
    name: "coredns_dns_request_duration_seconds",
    help: "Histogram of the time (in seconds) each request took.",
    ...{ registers, buckets: BUCKETS },
  });
  return {
    answered({ type }, proto, rcode, tookMs) {
      requests(`${proto} ${typeName(type).replace(/^TYPE.*/, "other")}`);
      responses(RCODE_NAMES.get(rcode) ?? String(rcode));
      duration.observe(tookMs / 1_000);
    },
  };
}

/** Counts under the labels' values, a space between them; prom-client is told when it is read. */
function counterByKey(
  registry: Registry,
  { name, help, labelNames }: { name: string; help: string; labelNames: string[] },
): (key: string) => void {
  const counts = new Map<string, number>();
  new Counter({
    ...{ name, help, labelNames, registers: [registry] },
    collect() {
      this.reset();
      for (const [key, count] of counts) this.inc(zipObject(labelNames, key.split(" ")), count);
    },
  });
  return (key) => void counts.set(key, (counts.get(key) ?? 0) + 1);
}

function createForwardObserver(registry: Registry): ForwardObserver {
  const registers = [registry];
  const lookups = new Counter({
    name: "coredns_cache_requests_total",
    help: "The count of cache requests.",
    registers,
  });
  const hits = new Counter({
    name: "coredns_cache_hits_total",
    help: "The count of cache hits.",
    registers,
  });
  const asked = new Histogram({
    name: "coredns_proxy_request_duration_seconds",
    help: "Histogram of the time each request to an upstream took.",
    labelNames: ["proxy_name", "to", "outcome"] as const,
    ...{ registers, buckets: BUCKETS },
  });
  return {
    asked: (to, outcome, tookMs) =>
      asked.observe({ proxy_name: "forward", to, outcome }, tookMs / 1_000),
    lookedUp(outcome) {
      lookups.inc();
      if (outcome === "hit") hits.inc();
    },
  };
}

function createSizeGauges(registry: Registry, sizes: Sizes): void {
  const gauges = [
    ["kubedns_names", "The number of names there are in the cluster's zones.", sizes.names],
    ["coredns_cache_entries", "The number of elements in the cache.", sizes.cached],
  ] as const;
  for (const [name, help, read] of gauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
}
