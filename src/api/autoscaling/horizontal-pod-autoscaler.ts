/**
 * A HorizontalPodAutoscaler changes how many replicas something has, so that its pods are used as much
 * as its metrics say: "half of the processor they ask for".
 *
 * Stored is version 2; version 1, the view of older clients, is in horizontal-pod-autoscaler-v1.ts.
 *
 * In Kubernetes: pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go,
 * pkg/apis/autoscaling/v2/defaults.go
 */
import type {
  HorizontalPodAutoscalerSpec,
  HorizontalPodAutoscalerStatus,
  HPAScalingRules,
} from "kubernetes-types/autoscaling/v2.js";
import { defineKind, type KubeObject } from "../kind.ts";
import { horizontalPodAutoscalerColumns } from "./horizontal-pod-autoscaler-columns.ts";
import {
  validateHorizontalPodAutoscaler,
  validateHorizontalPodAutoscalerStatus,
} from "./horizontal-pod-autoscaler-validation.ts";

export interface HorizontalPodAutoscaler extends KubeObject {
  spec: HorizontalPodAutoscalerSpec;
  status?: HorizontalPodAutoscalerStatus;
}

/** Where nothing is said: four fifths of the processor that is asked for. */
const DEFAULT_CPU_UTILIZATION = 80;
const PERIOD_SECONDS = 15;

export const HorizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  group: "autoscaling",
  version: "v2",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  shortNames: ["hpa"],
  categories: ["all"],
  namespaced: true,
  storagePrefix: "horizontalpodautoscalers",
  schema: "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
  hasStatus: true,
  columns: horizontalPodAutoscalerColumns,
  setDefaults(autoscaler) {
    autoscaler.spec ??= {} as HorizontalPodAutoscalerSpec;
    const { spec } = autoscaler;
    spec.minReplicas ??= 1;
    if ((spec.metrics ?? []).length === 0) spec.metrics = [defaultMetric()];
    if (spec.behavior === undefined) return;
    spec.behavior.scaleUp = withRules(spec.behavior.scaleUp, {
      stabilizationWindowSeconds: 0,
      policies: [
        { type: "Pods", value: 4, periodSeconds: PERIOD_SECONDS },
        { type: "Percent", value: 100, periodSeconds: PERIOD_SECONDS },
      ],
    });
    spec.behavior.scaleDown = withRules(spec.behavior.scaleDown, {
      policies: [{ type: "Percent", value: 100, periodSeconds: PERIOD_SECONDS }],
    });
  },
  prepareForCreate(autoscaler) {
    autoscaler.status = { desiredReplicas: 0 };
  },
  validate: validateHorizontalPodAutoscaler,
  validateStatusUpdate: validateHorizontalPodAutoscalerStatus,
  example: {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "example" },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "example" },
      minReplicas: 1,
      maxReplicas: 10,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
        },
      ],
    },
  },
});

function defaultMetric() {
  const target = { type: "Utilization", averageUtilization: DEFAULT_CPU_UTILIZATION };
  return { type: "Resource", resource: { name: "cpu", target } };
}

function withRules(rules: HPAScalingRules | undefined, defaults: HPAScalingRules): HPAScalingRules {
  const said = Object.entries(rules ?? {}).filter(([, value]) => value !== null);
  return { selectPolicy: "Max", ...defaults, ...Object.fromEntries(said) };
}
