/**
 * What a process tells of itself in /metrics: its processor time, memory, open files, garbage collection.
 *
 * Rule: to measure must not cost. prom-client's histogram of the event loop's delay wakes the process a
 * hundred times a second, which is most of what an idle daemon does; so it is left out.
 *
 * In Kubernetes: the process collector of prometheus/client_golang, under the same names (process_...).
 */
import { collectDefaultMetrics, type Registry } from "prom-client";

const NEVER_MS = 2 ** 31 - 1;
/** All that are read from the histogram. nodejs_eventloop_lag_seconds itself is measured when it is asked for. */
const OF_HISTOGRAM = ["min", "max", "mean", "stddev", "p50", "p90", "p99"].map(
  (part) => `nodejs_eventloop_lag_${part}_seconds`,
);

export function addProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: NEVER_MS });
  for (const name of OF_HISTOGRAM) register.removeSingleMetric(name);
}
