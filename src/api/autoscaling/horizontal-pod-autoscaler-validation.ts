/**
 * What an autoscaler must be: something to scale, bounds in their order, and metrics with a target.
 *
 * In Kubernetes: pkg/apis/autoscaling/validation/validation.go
 */
import type { HPAScalingPolicy, HPAScalingRules } from "kubernetes-types/autoscaling/v2.js";
import { type FieldError, invalidValue, notSupported, required } from "../field-error.ts";
import { atLeastZero } from "../replication-controller-validation.ts";
import type { HorizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";
import { referenceErrors, validateMetrics } from "./metric-validation.ts";

const LONGEST_PERIOD = 1_800;
const LONGEST_WINDOW = 3_600;

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
  return [
    ...errors,
    ...referenceErrors(spec.scaleTargetRef, "spec.scaleTargetRef"),
    ...validateMetrics(spec.metrics ?? [], minReplicas, "spec.metrics"),
    ...rulesErrors(behavior?.scaleUp, "spec.behavior.scaleUp"),
    ...rulesErrors(behavior?.scaleDown, "spec.behavior.scaleDown"),
  ];
}

export function validateHorizontalPodAutoscalerStatus({ status }: HorizontalPodAutoscaler) {
  return (["currentReplicas", "desiredReplicas"] as const).flatMap((name) =>
    atLeastZero(`status.${name}`, status?.[name] ?? 0),
  );
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
