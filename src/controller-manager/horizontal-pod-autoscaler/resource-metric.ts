/**
 * A metric of what the pods, or one container of each, use of the processor or the memory.
 *
 * In Kubernetes: computeStatusForResourceMetricGeneric in pkg/controller/podautoscaler/horizontal.go
 */
import type { MetricSpec, MetricStatus } from "kubernetes-types/autoscaling/v2.js";
import { parseLabelSelector } from "../../api/labels.ts";
import { Pod } from "../../api/pod.ts";
import { formatQuantity, milliValue, quantityOf } from "../../api/quantity.ts";
import { type Metric, MetricFailure, type MetricQuestion } from "./metric.ts";
import { usagesOf } from "./pod-usage.ts";
import { type Calculation, calculateReplicas, type Target } from "./replica-calculator.ts";

export async function resourceMetric(question: MetricQuestion): Promise<Metric> {
  const { spec } = question;
  const { name: resource, target } = (spec.resource ?? spec.containerResource)!;
  const container = spec.containerResource?.container;
  const { averageValue, averageUtilization: percent } = target;
  const wanted: Target =
    averageValue === undefined
      ? { percent: percent ?? 0 }
      : { milli: milliValue(quantityOf(String(averageValue))) };
  const calculation = await calculationFor(question, wanted).catch((error: Error): never => {
    const what = "milli" in wanted ? "usage" : "utilization";
    const of = container === undefined ? `${resource} resource` : `${container} container`;
    throw new MetricFailure(
      spec,
      `failed to get ${resource} ${what}: ${error.message}`,
      `failed to get ${of} metric value: `,
    );
  });
  const kind = container === undefined ? "resource" : "container resource";
  const share = "percent" in wanted ? " utilization (percentage of request)" : "";
  return {
    name: `${resource} ${kind}${share}`,
    replicas: calculation.replicas,
    status: statusOf(spec, calculation),
  };
}

async function calculationFor(
  { autoscaler, spec, scale, options, context }: MetricQuestion,
  target: Target,
): Promise<Calculation> {
  const { client, cached, clock } = context;
  const { namespace = "" } = autoscaler.metadata;
  const { selector: labelSelector = "" } = scale.status;
  const { name: resource } = (spec.resource ?? spec.containerResource)!;
  const container = spec.containerResource?.container;
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
    options,
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
