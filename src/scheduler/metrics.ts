/**
 * What /metrics says of the scheduler, under Kubernetes' names.
 *
 * In Kubernetes: pkg/scheduler/metrics/metrics.go
 */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { SchedulerObserver } from "./scheduler.ts";
import type { SchedulingQueue } from "./scheduling-queue.ts";

/** 1 ms, doubled fourteen times. */
const BUCKETS = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i);

export interface SchedulerMetrics {
  observer: SchedulerObserver;
  /** From now on the sizes of this queue are told. */
  show(queue: SchedulingQueue): void;
}

export function createSchedulerMetrics(registry: Registry): SchedulerMetrics {
  const registers = [registry];
  const labelNames = ["profile", "result"] as const;
  const attempts = new Counter({
    name: "scheduler_schedule_attempts_total",
    help: "[STABLE] Number of attempts to schedule pods, by the result.",
    ...{ labelNames, registers },
  });
  const duration = new Histogram({
    name: "scheduler_scheduling_attempt_duration_seconds",
    help: "[STABLE] Scheduling attempt latency in seconds",
    ...{ labelNames, registers, buckets: BUCKETS },
  });
  let shown: SchedulingQueue | undefined;
  new Gauge({
    name: "scheduler_pending_pods",
    help: "[STABLE] Number of pending pods, by the queue type.",
    labelNames: ["queue"] as const,
    registers,
    collect() {
      for (const [queue, size] of Object.entries(shown?.sizes ?? {})) this.set({ queue }, size);
    },
  });
  return {
    observer: {
      attempted(result, tookMs, profile) {
        attempts.inc({ profile, result });
        duration.observe({ profile, result }, tookMs / 1_000);
      },
    },
    show(queue) {
      shown = queue;
    },
  };
}
