/**
 * The cells of `kubectl get hpa`.
 *
 * In Kubernetes: pkg/printers/internalversion/printers.go (printHorizontalPodAutoscaler, formatHPAMetrics)
 */
import type {
  ExternalMetricSource,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
  ObjectMetricSource,
} from "kubernetes-types/autoscaling/v2.js";
import { ageColumn, nameColumn } from "../columns.ts";
import type { Column } from "../kind.ts";
import type { HorizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";

const MOST_SHOWN = 2;
const UNKNOWN = "<unknown>";

export const horizontalPodAutoscalerColumns: Column<HorizontalPodAutoscaler>[] = [
  nameColumn,
  {
    name: "Reference",
    type: "string",
    description: "scaleTargetRef points to the target resource to scale.",
    value: ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
  },
  {
    name: "Targets",
    type: "string",
    description:
      "metrics contains the specifications for which to use to calculate the desired replica count.",
    value: ({ spec, status }) => formatMetrics(spec.metrics ?? [], status?.currentMetrics ?? []),
  },
  {
    name: "MinPods",
    type: "string",
    description: "minReplicas is the lower limit for the number of replicas.",
    value: ({ spec }) => String(spec.minReplicas ?? "<unset>"),
  },
  {
    name: "MaxPods",
    type: "string",
    description: "maxReplicas is the upper limit for the number of replicas.",
    value: ({ spec }) => spec.maxReplicas,
  },
  {
    name: "Replicas",
    type: "string",
    description:
      "currentReplicas is current number of replicas of pods managed by this autoscaler.",
    value: ({ status }) => status?.currentReplicas ?? 0,
  },
  ageColumn,
];

/** "cpu: 10%/50%": what is, and what should be. */
function formatMetrics(specs: MetricSpec[], statuses: MetricStatus[]): string {
  if (specs.length === 0) return "<none>";
  const texts = specs.map((spec, index) => formatMetric(spec, statuses[index]));
  const shown = texts.slice(0, MOST_SHOWN).join(", ");
  const more = texts.length - MOST_SHOWN;
  return more > 0 ? `${shown} + ${more} more...` : shown;
}

function formatMetric(spec: MetricSpec, status: MetricStatus | undefined): string {
  const resource = spec.resource ?? spec.containerResource;
  if (resource !== undefined) {
    const current = (status?.resource ?? status?.containerResource)?.current;
    return `${resource.name}: ${formatResource(resource.target, current)}`;
  }
  if (spec.pods !== undefined) {
    return `${status?.pods?.current.averageValue ?? UNKNOWN}/${spec.pods.target.averageValue}`;
  }
  const source = spec.object ?? spec.external;
  const current = (status?.object ?? status?.external)?.current;
  return source === undefined ? "<unknown type>" : formatTotal(source, current);
}

function formatResource(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) {
    return `${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  }
  const { averageUtilization: used } = current ?? {};
  const { averageUtilization: wanted } = target;
  return `${used === undefined ? UNKNOWN : `${used}%`}/${wanted === undefined ? "<auto>" : `${wanted}%`}`;
}

function formatTotal(
  { target }: ObjectMetricSource | ExternalMetricSource,
  current: MetricValueStatus | undefined,
): string {
  if (target.averageValue !== undefined) {
    return `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
  }
  return `${current?.value ?? UNKNOWN}/${target.value}`;
}
