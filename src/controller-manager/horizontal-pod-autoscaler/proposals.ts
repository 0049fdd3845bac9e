/**
 * What the metrics of an autoscaler propose: each a number of replicas, and the largest counts.
 *
 * Rule: as long as one metric can't be had, the others may only add pods, never take any away.
 *
 * In Kubernetes: computeReplicasForMetrics in pkg/controller/podautoscaler/horizontal.go
 */
import type { MetricStatus } from "kubernetes-types/autoscaling/v2.js";
import type { HorizontalPodAutoscaler } from "../../api/autoscaling/horizontal-pod-autoscaler.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { keyOf } from "../../client/object-cache.ts";
import type { Conditions } from "./conditions.ts";
import { type Metric, MetricFailure, type MetricQuestion } from "./metric.ts";
import type { AutoscalerOptions } from "./options.ts";
import { resourceMetric } from "./resource-metric.ts";
import { type Histories, rivalsOf } from "./rivals.ts";
import type { Scale } from "./scale-target.ts";
import { externalMetric, objectMetric, podsMetric } from "./value-metrics.ts";

export interface Proposal {
  replicas: number;
  /** Which metric says so: "cpu resource utilization (percentage of request)". */
  metric: string;
  statuses: MetricStatus[];
}

interface Judgement {
  conditions: Conditions;
  histories: Histories;
  options: AutoscalerOptions;
}

/** Undefined where nothing can be said; the conditions then tell why. */
export async function proposalOf(
  autoscaler: HorizontalPodAutoscaler,
  scale: Scale,
  { conditions, histories, options }: Judgement,
  context: SyncContext,
): Promise<Proposal | undefined> {
  const { events } = context;
  if (!scale.status.selector) {
    events.event(autoscaler, "Warning", "SelectorRequired", "selector is required");
    const message = "the HPA target's scale is missing a selector";
    conditions.set("ScalingActive", false, "InvalidSelector", message);
    return fail(autoscaler, new Error("selector is required"), context);
  }
  const key = keyOf(autoscaler.metadata);
  const rivals = rivalsOf(key, histories, context);
  if (rivals.length > 1) {
    const list = rivals.join(" ");
    const message = `pods by selector ${scale.status.selector} are controlled by multiple HPAs: [${list}]`;
    events.event(autoscaler, "Warning", "AmbiguousSelector", message);
    conditions.set("ScalingActive", false, "AmbiguousSelector", message);
    return fail(autoscaler, new Error(message), context);
  }
  const { metrics = [] } = autoscaler.spec;
  const found: Metric[] = [];
  /** In the order of the metrics: of one that can't be had, nothing. */
  const statuses: MetricStatus[] = metrics.map(() => ({ type: "" }));
  const failures: MetricFailure[] = [];
  for (const [i, spec] of metrics.entries()) {
    try {
      const metric = await metricOf({ autoscaler, spec, scale, options, context });
      found.push(metric);
      statuses[i] = metric.status;
    } catch (error) {
      if (!(error instanceof MetricFailure)) throw error;
      failures.push(error);
    }
  }
  for (const { reason, told } of failures) events.event(autoscaler, "Warning", reason, told);
  const largest = found.reduce<Metric | undefined>(
    (most, one) => (most === undefined || one.replicas > most.replicas ? one : most),
    undefined,
  );
  const first = failures[0];
  if (first && (largest === undefined || largest.replicas < (scale.spec.replicas ?? 0))) {
    const message = `the HPA was unable to compute the replica count: ${first.told}`;
    conditions.set("ScalingActive", false, first.reason, message);
    const count = `${failures.length} invalid out of ${metrics.length}`;
    return fail(
      autoscaler,
      new Error(`invalid metrics (${count}), first error is: ${first.message}`),
      context,
    );
  }
  if (largest === undefined) return undefined;
  const message = `the HPA was able to successfully calculate a replica count from ${largest.name}`;
  conditions.set("ScalingActive", true, "ValidMetricFound", message);
  return {
    replicas: largest.replicas,
    metric: largest.name,
    statuses,
  };
}

function fail(
  autoscaler: HorizontalPodAutoscaler,
  error: Error,
  { events }: SyncContext,
): undefined {
  events.event(autoscaler, "Warning", "FailedComputeMetricsReplicas", error.message);
  return undefined;
}

function metricOf(question: MetricQuestion): Promise<Metric> {
  const { pods, object, external } = question.spec;
  if (pods !== undefined) return podsMetric(question);
  if (object !== undefined) return objectMetric(question);
  return external === undefined ? resourceMetric(question) : externalMetric(question);
}
