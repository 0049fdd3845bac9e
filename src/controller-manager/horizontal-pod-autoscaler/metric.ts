/**
 * What one metric of an autoscaler comes to: so many replicas, or a reason why that can't be told.
 *
 * In Kubernetes: computeReplicasForMetric in pkg/controller/podautoscaler/horizontal.go
 */
import type { MetricSpec, MetricStatus } from "kubernetes-types/autoscaling/v2.js";
import type { HorizontalPodAutoscaler } from "../../api/autoscaling/horizontal-pod-autoscaler.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import type { AutoscalerOptions } from "./options.ts";
import type { Scale } from "./scale-target.ts";

export interface MetricQuestion {
  autoscaler: HorizontalPodAutoscaler;
  spec: MetricSpec;
  scale: Scale;
  options: AutoscalerOptions;
  context: SyncContext;
}

export interface Metric {
  /** "cpu resource utilization (percentage of request)" */
  name: string;
  replicas: number;
  status: MetricStatus;
}

/** Its message is the whole story, as the event about all metrics tells it. */
export class MetricFailure extends Error {
  override readonly name = "MetricFailure";
  /** "FailedGetPodsMetric" */
  readonly reason: string;
  /** What the condition, and the event about this metric, tell. */
  readonly told: string;

  constructor({ type }: MetricSpec, told: string, around: string) {
    super(`${around}${told}`);
    this.reason = `FailedGet${type}Metric`;
    this.told = told;
  }
}
