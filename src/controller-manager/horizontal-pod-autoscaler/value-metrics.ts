/**
 * Metrics that others measure: of the pods ("requests per second"), of another object (an Ingress), of
 * something outside the cluster (a queue).
 *
 * In Kubernetes: computeStatusForPodsMetric, computeStatusForObjectMetric and
 * computeStatusForExternalMetric in pkg/controller/podautoscaler/horizontal.go
 */
import type { MetricValueStatus } from "kubernetes-types/autoscaling/v2.js";
import type { LabelSelector } from "kubernetes-types/meta/v1.js";
import { formatSelector, parseLabelSelector, selectorOf } from "../../api/labels.ts";
import { Pod } from "../../api/pod.ts";
import { isPodReady } from "../../api/pod-status.ts";
import { formatQuantity, milliValue, quantityOf } from "../../api/quantity.ts";
import { externalValues, objectValue, podValues } from "./measured-values.ts";
import { type Metric, MetricFailure, type MetricQuestion } from "./metric.ts";
import { calculateReplicas, replicasByRatio, replicasPerPod } from "./replica-calculator.ts";

export async function podsMetric(question: MetricQuestion): Promise<Metric> {
  const { spec, scale, context } = question;
  const { metric, target } = spec.pods!;
  const { selector: labelSelector = "" } = scale.status;
  const asked = { ...namedIn(question, metric), labelSelector };
  try {
    const usages = await podValues(asked, context.client).catch((error: Error): never => {
      throw new Error(`unable to get metric ${metric.name}: ${error.message}`);
    });
    const { replicas, average } = calculateReplicas({
      currentReplicas: scale.spec.replicas ?? 0,
      target: { milli: milliOf(target.averageValue) },
      resource: "",
      pods: podsOf(question),
      usages,
      options: question.options,
      now: context.clock.now(),
    });
    const status = {
      type: spec.type,
      pods: { metric, current: { averageValue: amount(average) } },
    };
    return { name: `pods metric ${metric.name}`, replicas, status };
  } catch (error) {
    const { message } = error as Error;
    throw new MetricFailure(spec, message, "failed to get pods metric value: ");
  }
}

export async function objectMetric(question: MetricQuestion): Promise<Metric> {
  const { spec, context, autoscaler } = question;
  const { metric, target, describedObject } = spec.object!;
  const around = "failed to get object metric value: ";
  const perPod = target.type === "AverageValue";
  try {
    const asked = { ...namedIn(question, metric), describedObject };
    const value = await objectValue(asked, context.client).catch((error: Error): never => {
      // The words are in this order in the original as well.
      const { kind, name } = describedObject;
      const { namespace } = autoscaler.metadata;
      const where = `${kind} on ${namespace} ${name}`;
      throw new Error(`unable to get metric ${metric.name}: ${where}/${error.message}`);
    });
    const { replicas, current } = replicasFor(question, value, target);
    const name = perPod
      ? `external metric ${metric.name}(${goText(metric.selector)})`
      : `${describedObject.kind} metric ${metric.name}`;
    return {
      name,
      replicas,
      status: { type: spec.type, object: { describedObject, metric, current } },
    };
  } catch (error) {
    const more = perPod ? `failed to get ${metric.name} object metric: ` : "";
    throw new MetricFailure(spec, (error as Error).message, around + more);
  }
}

export async function externalMetric(question: MetricQuestion): Promise<Metric> {
  const { spec, context, autoscaler } = question;
  const { metric, target } = spec.external!;
  try {
    const asked = namedIn(question, metric);
    const values = await externalValues(asked, context.client).catch((error: Error): never => {
      const which = `${autoscaler.metadata.namespace}/${metric.name}/${goText(metric.selector)}`;
      throw new Error(`unable to get external metric ${which}: ${error.message}`);
    });
    const sum = values.reduce((total, value) => total + value, 0);
    const { replicas, current } = replicasFor(question, sum, target);
    const name = `external metric ${metric.name}(${goText(metric.selector)})`;
    return { name, replicas, status: { type: spec.type, external: { metric, current } } };
  } catch (error) {
    const more =
      target.averageValue === undefined
        ? `failed to get external metric ${metric.name}: `
        : `failed to get ${metric.name} external metric: `;
    const around = `failed to get ${metric.name} external metric value: ${more}`;
    throw new MetricFailure(spec, (error as Error).message, around);
  }
}

/** From a value that is for all pods together; the target is for all, or for each. */
function replicasFor(
  question: MetricQuestion,
  value: number,
  target: { value?: string; averageValue?: string },
): { replicas: number; current: MetricValueStatus } {
  const { scale, options } = question;
  if (target.averageValue !== undefined) {
    const { replicas, average } = replicasPerPod(
      scale.status.replicas,
      value,
      milliOf(target.averageValue),
      options,
    );
    return { replicas, current: { averageValue: amount(average) } };
  }
  const ratio = value / milliOf(target.value);
  const isReady = (pod: Pod) => pod.status?.phase === "Running" && isPodReady(pod);
  const replicas = replicasByRatio(scale.spec.replicas ?? 0, ratio, options, () => {
    const pods = podsOf(question);
    if (pods.length > 0) return pods.filter(isReady).length;
    const why = "no pods returned by selector while calculating replica count";
    throw new Error(`unable to calculate ready pods: ${why}`);
  });
  return { replicas, current: { value: amount(value) } };
}

function podsOf({ autoscaler, scale, context }: MetricQuestion): Pod[] {
  const matches = parseLabelSelector(scale.status.selector ?? "");
  const all = context.cached(Pod).list(autoscaler.metadata.namespace);
  return all.filter(({ metadata }) => matches(metadata.labels));
}

function namedIn(
  { autoscaler }: MetricQuestion,
  { name, selector }: { name: string; selector?: LabelSelector },
) {
  const { namespace = "" } = autoscaler.metadata;
  return { namespace, metric: name, metricSelector: formatSelector(selectorOf(selector ?? {})) };
}

function milliOf(target: string | undefined): number {
  return milliValue(quantityOf(target ?? "0"));
}

function amount(milli: number): string {
  return formatQuantity({ nano: BigInt(milli) * 1_000_000n, notation: "decimal" });
}

/** As the original's sentences show a selector. */
function goText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return "nil";
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const labels = Object.entries(matchLabels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const pairs = labels.map(([key, value]) => `${key}: ${value},`).join("");
  const rules = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],},`,
  );
  const expressions = `[]LabelSelectorRequirement{${rules.join("")}}`;
  return `&LabelSelector{MatchLabels:map[string]string{${pairs}},MatchExpressions:${expressions},}`;
}
