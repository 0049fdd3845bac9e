/**
 * The measurements of the control loops, under the names Kubernetes gives them.
 *
 * In Kubernetes: staging/src/k8s.io/component-base/metrics/prometheus/workqueue
 */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { LoopObserver } from "./control-loop.ts";

const BUCKETS = [10e-9, 10e-8, 10e-7, 10e-6, 10e-5, 10e-4, 10e-3, 10e-2, 10e-1, 1, 10];

export function createLoopMetrics(registry: Registry): LoopObserver {
  const registers = [registry];
  const labelNames = ["name"] as const;
  const depth = new Gauge({
    name: "workqueue_depth",
    help: "[ALPHA] Current depth of workqueue",
    ...{ labelNames, registers },
  });
  const waiting = new Histogram({
    name: "workqueue_queue_duration_seconds",
    help: "[ALPHA] How long in seconds an item stays in workqueue before being requested.",
    ...{ labelNames, registers, buckets: BUCKETS },
  });
  const working = new Histogram({
    name: "workqueue_work_duration_seconds",
    help: "[ALPHA] How long in seconds processing an item from workqueue takes.",
    ...{ labelNames, registers, buckets: BUCKETS },
  });
  const retries = new Counter({
    name: "workqueue_retries_total",
    help: "[ALPHA] Total number of retries handled by workqueue",
    ...{ labelNames, registers },
  });
  return {
    depth: (name, keys) => depth.set({ name }, keys),
    waited: (name, waitedMs) => waiting.observe({ name }, waitedMs / 1_000),
    synced(name, tookMs, outcome) {
      working.observe({ name }, tookMs / 1_000);
      if (outcome === "retry") retries.inc({ name });
    },
  };
}
