/**
 * What an autoscaler must be: something to scale, bounds in their order, and metrics with a target.
 *
 * In Kubernetes: pkg/apis/autoscaling/validation/validation.go
 */
import type {
  HPAScalingPolicy,
  HPAScalingRules,
  MetricSpec,
  MetricTarget,
} from "kubernetes-types/autoscaling/v2.js";
import {
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from "../field-error.ts";
import { quantityOf } from "../quantity.ts";
import type { HorizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";

const LONGEST_PERIOD = 1_800;
const LONGEST_WINDOW = 3_600;
const SOURCES = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
} as const;

export function validateHorizontalPodAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  const { minReplicas = 1, maxReplicas = 0, behavior } = spec;
  const errors: FieldError[] = [];
  if (minReplicas < 1) {
    const wrong = "must be greater than or equal to 1";
    errors.push(invalidValue("spec.minReplicas", minReplicas, wrong));
  }
  if (maxReplicas < 1)
    errors.push(invalidValue("spec.maxReplicas", maxReplicas, "must be greater than 0"));
  if (maxReplicas < minReplicas) {
    const wrong = "must be greater than or equal to `minReplicas`";
    errors.push(invalidValue("spec.maxReplicas", maxReplicas, wrong));
  }
  const target = spec.scaleTargetRef ?? {};
  if (!target.kind) errors.push(required("spec.scaleTargetRef.kind"));
  if (!target.name) errors.push(required("spec.scaleTargetRef.name"));
  return [
    ...errors,
    ...(spec.metrics ?? []).flatMap((one, index) => metricErrors(one, `spec.metrics[${index}]`)),
    ...rulesErrors(behavior?.scaleUp, "spec.behavior.scaleUp"),
    ...rulesErrors(behavior?.scaleDown, "spec.behavior.scaleDown"),
  ];
}

function metricErrors(metric: MetricSpec, path: string): FieldError[] {
  const types = Object.keys(SOURCES);
  if (!metric.type) return [required(`${path}.type`, "must specify a metric source type")];
  if (!types.includes(metric.type)) return [notSupported(`${path}.type`, metric.type, types)];
  const field = SOURCES[metric.type as keyof typeof SOURCES];
  const source = metric[field];
  const others = Object.values(SOURCES).filter((one) => one !== field && metric[one] !== undefined);
  const errors = others.map((one) =>
    forbidden(`${path}.${one}`, "must populate the given metric source only"),
  );
  if (source === undefined) {
    const wrong = "must populate information for the given metric source";
    return [...errors, required(`${path}.${field}`, wrong)];
  }
  return [
    ...errors,
    ...nameErrors(source, `${path}.${field}`),
    ...targetErrors(source, `${path}.${field}`),
  ];
}

type Source = NonNullable<MetricSpec[(typeof SOURCES)[keyof typeof SOURCES]]>;

function nameErrors(source: Source, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if ("container" in source && !source.container) {
    errors.push(required(`${path}.container`, "must specify a container name"));
  }
  if ("metric" in source) {
    if (!source.metric?.name)
      errors.push(required(`${path}.metric.name`, "must specify a metric name"));
  } else if (!source.name) errors.push(required(`${path}.name`, "must specify a resource name"));
  return errors;
}

function targetErrors(source: Source, path: string): FieldError[] {
  const target: Partial<MetricTarget> = source.target ?? {};
  const { averageUtilization, averageValue, value } = target;
  const at = `${path}.target`;
  const errors: FieldError[] = [];
  if (!target.type) errors.push(required(`${at}.type`, "must specify a metric target type"));
  else if (!["Utilization", "Value", "AverageValue"].includes(target.type)) {
    const wrong = "must be either Utilization, Value, or AverageValue";
    errors.push(invalidValue(`${at}.type`, target.type, wrong));
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(
      invalidValue(`${at}.averageUtilization`, averageUtilization, "must be greater than 0"),
    );
  }
  for (const [name, amount] of Object.entries({ value, averageValue })) {
    if (amount === undefined || quantityOf(amount).nano > 0n) continue;
    errors.push(invalidValue(`${at}.${name}`, String(amount), "must be positive"));
  }
  const isOfResource = !("metric" in source);
  if (isOfResource && averageUtilization === undefined && averageValue === undefined) {
    const wrong = "must set either a target raw value or a target utilization";
    errors.push(required(`${at}.averageUtilization`, wrong));
  }
  if (isOfResource && averageUtilization !== undefined && averageValue !== undefined) {
    const wrong = "may not set both a target raw value and a target utilization";
    errors.push(forbidden(`${at}.averageValue`, wrong));
  }
  return errors;
}

function rulesErrors(rules: HPAScalingRules | undefined, path: string): FieldError[] {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [] } = rules;
  const errors: FieldError[] = [];
  const at = `${path}.stabilizationWindowSeconds`;
  if (window < 0) errors.push(invalidValue(at, window, "must be greater than or equal to zero"));
  if (window > LONGEST_WINDOW) {
    errors.push(invalidValue(at, window, `must be less than or equal to ${LONGEST_WINDOW}`));
  }
  const choices = ["Disabled", "Max", "Min"];
  if (selectPolicy !== undefined && !choices.includes(selectPolicy)) {
    errors.push(notSupported(`${path}.selectPolicy`, selectPolicy, choices));
  }
  if (policies.length === 0)
    errors.push(required(`${path}.policies`, "must specify at least one Policy"));
  return [
    ...errors,
    ...policies.flatMap((one, index) => policyErrors(one, `${path}.policies[${index}]`)),
  ];
}

function policyErrors(
  { type, value, periodSeconds }: HPAScalingPolicy,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (type !== "Pods" && type !== "Percent") {
    errors.push(notSupported(`${path}.type`, type, ["Percent", "Pods"]));
  }
  if (value <= 0) errors.push(invalidValue(`${path}.value`, value, "must be greater than zero"));
  const at = `${path}.periodSeconds`;
  if (periodSeconds <= 0) errors.push(invalidValue(at, periodSeconds, "must be greater than zero"));
  if (periodSeconds > LONGEST_PERIOD) {
    errors.push(invalidValue(at, periodSeconds, `must be less than or equal to ${LONGEST_PERIOD}`));
  }
  return errors;
}
