/**
 * What a proxy tells of its work, and what /metrics makes of it, under Kubernetes' names.
 *
 * In Kubernetes: pkg/proxy/metrics/metrics.go
 */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export interface ProxyObserver {
  changed(what: "service" | "endpoint"): void;
  /** `triggered`: when those changes were made that this sync was the first to carry out. */
  synced(tookMs: number, at: Date, triggered: readonly Date[]): void;
  failed(): void;
}

/** The annotation of Endpoints with the time of the change that led to them. */
export const NETWORK_TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";

export const noObserver: ProxyObserver = {
  changed: () => undefined,
  synced: () => undefined,
  failed: () => undefined,
};

/** 1 ms, doubled fourteen times. */
const SYNC_BUCKETS = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i);
/** 0.25 s to 1 s in quarters, to 60 s in seconds, to 5 min in tens of seconds. */
const PROGRAMMING_BUCKETS = [
  ...[0.25, 0.5, 0.75],
  ...Array.from({ length: 60 }, (_, i) => 1 + i),
  ...Array.from({ length: 24 }, (_, i) => 70 + 10 * i),
];

export function createProxyMetrics(registry: Registry): ProxyObserver {
  const registers = [registry];
  const prefix = "kubeproxy_sync_proxy_rules";
  const counter = (name: string, help: string) =>
    new Counter({ name: `${prefix}_${name}`, help: `[ALPHA] ${help}`, registers });
  const duration = new Histogram({
    name: `${prefix}_duration_seconds`,
    help: "[ALPHA] SyncProxyRules latency in seconds",
    buckets: SYNC_BUCKETS,
    registers,
  });
  const programming = new Histogram({
    name: "kubeproxy_network_programming_duration_seconds",
    help: "[ALPHA] In Cluster Network Programming Latency in seconds",
    buckets: PROGRAMMING_BUCKETS,
    registers,
  });
  const lastSynced = new Gauge({
    name: `${prefix}_last_timestamp_seconds`,
    help: "[ALPHA] The last time proxy rules were successfully synced",
    registers,
  });
  const changes = {
    service: counter("service_changes_total", "Cumulative proxy rules Service changes"),
    endpoint: counter("endpoint_changes_total", "Cumulative proxy rules Endpoint changes"),
  };
  const failures = counter(
    "iptables_restore_failures_total",
    "Cumulative proxy iptables restore failures",
  );
  return {
    changed: (what) => changes[what].inc(),
    synced(tookMs, at, triggered) {
      duration.observe(tookMs / 1_000);
      lastSynced.set(at.getTime() / 1_000);
      for (const time of triggered) {
        programming.observe(Math.max(0, at.getTime() - time.getTime()) / 1_000);
      }
    },
    failed: () => failures.inc(),
  };
}
