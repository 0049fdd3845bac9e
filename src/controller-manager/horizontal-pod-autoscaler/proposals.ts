/**
 * What the metrics of an autoscaler propose: each a number of replicas, and the largest counts.
 *
 * Rule: as long as one metric can't be had, the others may only add pods, never take any away.
 *
 * In Kubernetes: pkg/controller/podautoscaler/horizontal.go (computeReplicasForMetrics). Differs:
 * metrics of pods, objects and the outside, which take a metrics API of their own, can't be had.
 */
import type { MetricSpec, MetricStatus } from "kubernetes-types/autoscaling/v2.js";
import type { HorizontalPodAutoscaler } from "../../api/autoscaling/horizontal-pod-autoscaler.ts";
import { parseLabelSelector } from "../../api/labels.ts";
import { Pod } from "../../api/pod.ts";
import { formatQuantity, milliValue, quantityOf } from "../../api/quantity.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import type { Conditions } from "./conditions.ts";
import { usagesOf } from "./pod-usage.ts";
import { type Calculation, calculateReplicas, type Target } from "./replica-calculator.ts";
import type { Scale } from "./scale-target.ts";

export interface Proposal {
  replicas: number;
  /** Which metric says so: "cpu resource utilization (percentage of request)". */
  metric: string;
  statuses: MetricStatus[];
}

interface Metric {
  name: string;
  replicas: number;
  status: MetricStatus;
}

/** Undefined where nothing can be said; the conditions then tell why. */
export async function proposalOf(
  autoscaler: HorizontalPodAutoscaler,
  scale: Scale,
  conditions: Conditions,
  context: SyncContext,
): Promise<Proposal | undefined> {
  const { events } = context;
  if (!scale.status.selector) {
    events.event(autoscaler, "Warning", "SelectorRequired", "selector is required");
    const message = "the HPA target's scale is missing a selector";
    conditions.set("ScalingActive", false, "InvalidSelector", message);
    return fail(autoscaler, new Error("selector is required"), context);
  }
  const { metrics = [] } = autoscaler.spec;
  const found: Metric[] = [];
  const failures: MetricFailure[] = [];
  for (const spec of metrics) {
    try {
      found.push(await metricOf(autoscaler, spec, scale, context));
    } catch (error) {
      failures.push(new MetricFailure(spec, error as Error));
    }
  }
  for (const { reason, cause } of failures)
    events.event(autoscaler, "Warning", reason, cause.message);
  const largest = found.reduce<Metric | undefined>(
    (most, one) => (most === undefined || one.replicas > most.replicas ? one : most),
    undefined,
  );
  const first = failures[0];
  if (first && (largest === undefined || largest.replicas < (scale.spec.replicas ?? 0))) {
    const message = `the HPA was unable to compute the replica count: ${first.cause.message}`;
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
    statuses: found.map(({ status }) => status),
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

/** The words and the reason for a metric that can't be had. */
class MetricFailure extends Error {
  override readonly name = "MetricFailure";
  override readonly cause: Error;
  readonly reason: string;

  constructor({ type, resource, containerResource }: MetricSpec, cause: Error) {
    const of = resource ?? containerResource;
    super(
      `failed to get ${of ? `${of.name} resource` : type.toLowerCase()} metric value: ${cause.message}`,
    );
    this.cause = cause;
    this.reason = `FailedGet${type}Metric`;
  }
}

async function metricOf(
  autoscaler: HorizontalPodAutoscaler,
  spec: MetricSpec,
  scale: Scale,
  context: SyncContext,
): Promise<Metric> {
  const source = spec.resource ?? spec.containerResource;
  if (source === undefined) {
    throw new Error(
      `unable to get ${spec.type.toLowerCase()} metric: no such metrics API is served`,
    );
  }
  const { name: resource, target } = source;
  const container = spec.containerResource?.container;
  const { averageValue, averageUtilization: percent } = target;
  const wanted: Target =
    averageValue === undefined
      ? { percent: percent ?? 0 }
      : { milli: milliValue(quantityOf(String(averageValue))) };
  const calculation = await calculationFor(
    { autoscaler, scale, resource, container, target: wanted },
    context,
  ).catch((error: Error): never => {
    const what = "milli" in wanted ? "usage" : "utilization";
    throw new Error(`failed to get ${resource} ${what}: ${error.message}`);
  });
  const kind = container === undefined ? "resource" : "container resource";
  const share = "percent" in wanted ? " utilization (percentage of request)" : "";
  return {
    name: `${resource} ${kind}${share}`,
    replicas: calculation.replicas,
    status: statusOf(spec, calculation),
  };
}

interface MetricQuestion {
  autoscaler: HorizontalPodAutoscaler;
  scale: Scale;
  resource: string;
  container: string | undefined;
  target: Target;
}

async function calculationFor(
  { autoscaler, scale, resource, container, target }: MetricQuestion,
  { client, cached, clock }: SyncContext,
): Promise<Calculation> {
  const { namespace = "" } = autoscaler.metadata;
  const { selector: labelSelector = "" } = scale.status;
  const usages = await usagesOf({ resource, namespace, labelSelector, container }, client);
  const matches = parseLabelSelector(labelSelector);
  return calculateReplicas({
    currentReplicas: scale.spec.replicas ?? 0,
    target,
    resource,
    container,
    pods: cached(Pod)
      .list(namespace)
      .filter(({ metadata }) => matches(metadata.labels)),
    usages,
    now: clock.now(),
  });
}

function statusOf(spec: MetricSpec, { utilization, average }: Calculation): MetricStatus {
  const current = {
    averageValue: formatQuantity({ nano: BigInt(average) * 1_000_000n, notation: "decimal" }),
    ...(utilization === undefined ? {} : { averageUtilization: utilization }),
  };
  if (spec.containerResource !== undefined) {
    const { name, container } = spec.containerResource;
    return { type: spec.type, containerResource: { name, container, current } };
  }
  return { type: spec.type, resource: { name: spec.resource!.name, current } };
}
