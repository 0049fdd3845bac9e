/**
 * Version 1 of the autoscaler: it knows the processor only. What else an autoscaler says and shows is
 * written into annotations, so that who reads version 1 and writes it back loses nothing.
 *
 * In Kubernetes: pkg/apis/autoscaling/v1/conversion.go. Differs: in the annotations metrics look as in
 * version 2.
 */
import type {
  HorizontalPodAutoscalerSpec as SpecV1,
  HorizontalPodAutoscalerStatus as StatusV1,
} from "kubernetes-types/autoscaling/v1.js";
import type {
  HorizontalPodAutoscalerSpec,
  HorizontalPodAutoscalerStatus,
  MetricSpec,
  MetricStatus,
} from "kubernetes-types/autoscaling/v2.js";
import type { KubeObject } from "../kind.ts";
import type { OtherVersion } from "../served-versions.ts";
import { HorizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";

interface HorizontalPodAutoscalerV1 extends KubeObject {
  spec: SpecV1;
  status?: StatusV1;
}

const METRICS = "autoscaling.alpha.kubernetes.io/metrics";
const BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior";
const CURRENT_METRICS = "autoscaling.alpha.kubernetes.io/current-metrics";
const CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions";

export const HorizontalPodAutoscalerInV1: OtherVersion = Object.freeze({
  ...(HorizontalPodAutoscaler as unknown as OtherVersion),
  version: "v1",
  schema: "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler",
  storedAs: {
    kind: HorizontalPodAutoscaler,
    toStored: (obj: KubeObject) => toV2(obj as HorizontalPodAutoscalerV1),
    fromStored: (obj: KubeObject) => toV1(obj as HorizontalPodAutoscaler),
  },
});

function toV1(stored: HorizontalPodAutoscaler): HorizontalPodAutoscalerV1 {
  const { metrics = [], behavior, ...spec } = stored.spec;
  const cpu = metrics.find(isCpuUtilization);
  const others = metrics.filter((one) => one !== cpu);
  const target = cpu?.resource?.target.averageUtilization;
  const {
    currentMetrics = [],
    conditions = [],
    ...status
  } = stored.status ?? { desiredReplicas: 0 };
  const current = currentMetrics.find(isCpuUtilization)?.resource?.current.averageUtilization;
  const more = currentMetrics.filter((one) => !isCpuUtilization(one));
  const annotations = {
    ...stored.metadata.annotations,
    ...noted(METRICS, others),
    ...(behavior && { [BEHAVIOR]: JSON.stringify(behavior) }),
    ...noted(CURRENT_METRICS, more),
    ...noted(CONDITIONS, conditions),
  };
  return {
    apiVersion: "autoscaling/v1",
    kind: stored.kind,
    metadata: {
      ...stored.metadata,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: {
      ...status,
      currentReplicas: status.currentReplicas ?? 0,
      ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }),
    },
  };
}

function toV2(obj: HorizontalPodAutoscalerV1): HorizontalPodAutoscaler {
  const { targetCPUUtilizationPercentage: target, ...spec } = obj.spec ?? ({} as SpecV1);
  const { currentCPUUtilizationPercentage: current, ...status } = obj.status ?? ({} as StatusV1);
  const {
    [METRICS]: metrics,
    [BEHAVIOR]: behavior,
    [CURRENT_METRICS]: currentMetrics,
    [CONDITIONS]: conditions,
    ...annotations
  } = obj.metadata.annotations ?? {};
  const { annotations: _, ...metadata } = obj.metadata;
  const utilization = { type: "Utilization", averageUtilization: target ?? 0 };
  const cpu = { type: "Resource", resource: { name: "cpu", target: utilization } };
  const used = { averageUtilization: current ?? 0 };
  const cpuNow = { type: "Resource", resource: { name: "cpu", current: used } };
  const allMetrics = [...(target === undefined ? [] : [cpu]), ...listIn<MetricSpec>(metrics)];
  const allCurrent = [
    ...(current === undefined ? [] : [cpuNow]),
    ...listIn<MetricStatus>(currentMetrics),
  ];
  return {
    apiVersion: "autoscaling/v2",
    kind: obj.kind,
    metadata: {
      ...metadata,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: {
      ...spec,
      ...(allMetrics.length > 0 ? { metrics: allMetrics } : {}),
      ...parsed<Pick<HorizontalPodAutoscalerSpec, "behavior">>("behavior", behavior),
    },
    ...(obj.status === undefined
      ? {}
      : {
          status: {
            ...status,
            ...(allCurrent.length > 0 ? { currentMetrics: allCurrent } : {}),
            ...parsed<Pick<HorizontalPodAutoscalerStatus, "conditions">>("conditions", conditions),
          },
        }),
  };
}

function isCpuUtilization({ resource }: MetricSpec | MetricStatus): boolean {
  if (resource?.name !== "cpu") return false;
  const value = "target" in resource ? resource.target : resource.current;
  return value.averageUtilization !== undefined;
}

function noted(annotation: string, list: unknown[]): Record<string, string> {
  return list.length === 0 ? {} : { [annotation]: JSON.stringify(list) };
}

function listIn<T>(text: string | undefined): T[] {
  const value = valueIn(text);
  return Array.isArray(value) ? value : [];
}

function parsed<T extends object>(field: keyof T, text: string | undefined): Partial<T> {
  const value = valueIn(text);
  return value === undefined ? {} : ({ [field]: value } as Partial<T>);
}

/** What is no JSON was not written by us, and is left out as in Kubernetes. */
function valueIn(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
