/**
 * From what the metrics propose to what is done: held steady over a window, no faster than allowed,
 * and within the bounds.
 *
 * In Kubernetes: pkg/controller/podautoscaler/horizontal.go (normalizeDesiredReplicas,
 * normalizeDesiredReplicasWithBehaviors)
 */
import type { HPAScalingRules } from "kubernetes-types/autoscaling/v2.js";
import type { HorizontalPodAutoscaler } from "../../api/autoscaling/horizontal-pod-autoscaler.ts";
import type { Conditions } from "./conditions.ts";
import type { ScalingHistory } from "./history.ts";
import type { AutoscalerOptions } from "./options.ts";

export interface Wish {
  autoscaler: HorizontalPodAutoscaler;
  current: number;
  proposed: number;
  history: ScalingHistory;
  conditions: Conditions;
  options: AutoscalerOptions;
  nowMs: number;
}

const TOO_FEW = "the desired replica count is less than the minimum replica count";
const TOO_MANY = "the desired replica count is more than the maximum replica count";
const WITHIN = "the desired count is within the acceptable range";

export function limitedReplicas(wish: Wish): number {
  const stable = stabilized(wish);
  return wish.autoscaler.spec.behavior === undefined
    ? boundedByDefault(wish, stable)
    : boundedByBehavior(wish, stable);
}

/** The highest of the recent recommendations when it goes down, the lowest when it goes up. */
function stabilized(wish: Wish): number {
  const { autoscaler, current, proposed, history, conditions, options, nowMs } = wish;
  const { behavior } = autoscaler.spec;
  const downMs = windowOf(behavior?.scaleDown, options.downscaleStabilizationMs);
  const upMs = windowOf(behavior?.scaleUp, 0);
  const lowest = Math.min(...history.within(upMs, proposed, nowMs));
  const highest = Math.max(...history.within(downMs, proposed, nowMs));
  history.recommend(proposed, nowMs);
  const stable = behavior ? Math.min(Math.max(current, lowest), highest) : highest;
  if (stable === proposed) {
    conditions.set(
      "AbleToScale",
      true,
      "ReadyForNewScale",
      "recommended size matches current size",
    );
  } else if (behavior === undefined || proposed < current) {
    const message =
      "recent recommendations were higher than current one, applying the highest recent recommendation";
    conditions.set("AbleToScale", true, "ScaleDownStabilized", message);
  } else {
    const message =
      "recent recommendations were lower than current one, applying the lowest recent recommendation";
    conditions.set("AbleToScale", true, "ScaleUpStabilized", message);
  }
  return stable;
}

function windowOf(rules: HPAScalingRules | undefined, defaultMs: number): number {
  const { stabilizationWindowSeconds: seconds } = rules ?? {};
  return seconds === undefined ? defaultMs : seconds * 1000;
}

/** At a look no more than twice as many, or four. */
function boundedByDefault({ autoscaler, current, conditions }: Wish, wanted: number): number {
  const { minReplicas = 1, maxReplicas } = autoscaler.spec;
  const fastest = Math.max(2 * current, 4);
  if (wanted < minReplicas) return held(conditions, minReplicas, "TooFewReplicas", TOO_FEW);
  if (wanted > Math.min(maxReplicas, fastest)) {
    if (maxReplicas <= fastest) return held(conditions, maxReplicas, "TooManyReplicas", TOO_MANY);
    const message = "the desired replica count is increasing faster than the maximum scale rate";
    return held(conditions, fastest, "ScaleUpLimit", message);
  }
  conditions.set("ScalingLimited", false, "DesiredWithinRange", WITHIN);
  return wanted;
}

function boundedByBehavior(wish: Wish, wanted: number): number {
  const { autoscaler, current, conditions } = wish;
  const { minReplicas = 1, maxReplicas, behavior } = autoscaler.spec;
  if (wanted > current) {
    const fastest = Math.max(current, furthestUp(wish, behavior?.scaleUp ?? {}));
    const most = Math.min(maxReplicas, fastest);
    const message = "the desired replica count is increasing faster than the maximum scale rate";
    if (wanted > most && maxReplicas > fastest)
      return held(conditions, most, "ScaleUpLimit", message);
    if (wanted > most) return held(conditions, most, "TooManyReplicas", TOO_MANY);
  } else if (wanted < current) {
    const fastest = Math.min(current, furthestDown(wish, behavior?.scaleDown ?? {}));
    const fewest = Math.max(minReplicas, fastest);
    const message = "the desired replica count is decreasing faster than the maximum scale rate";
    if (wanted < fewest && minReplicas < fastest)
      return held(conditions, fewest, "ScaleDownLimit", message);
    if (wanted < fewest) return held(conditions, fewest, "TooFewReplicas", TOO_FEW);
  }
  conditions.set("ScalingLimited", false, "DesiredWithinRange", WITHIN);
  return wanted;
}

function held(conditions: Conditions, replicas: number, reason: string, message: string): number {
  conditions.set("ScalingLimited", true, reason, message);
  return replicas;
}

function furthestUp({ history, current, nowMs }: Wish, rules: HPAScalingRules): number {
  const { selectPolicy, policies = [] } = rules;
  if (selectPolicy === "Disabled") return current;
  const sizes = policies.map(({ type, value, periodSeconds }) => {
    const before = history.replicasBefore(periodSeconds * 1000, current, nowMs);
    return type === "Pods" ? before + value : Math.ceil(before * (1 + value / 100));
  });
  return selectPolicy === "Min" ? Math.min(...sizes) : Math.max(...sizes);
}

/** The policy that allows the greatest change leads to the smallest size. */
function furthestDown({ history, current, nowMs }: Wish, rules: HPAScalingRules): number {
  const { selectPolicy, policies = [] } = rules;
  if (selectPolicy === "Disabled") return current;
  const sizes = policies.map(({ type, value, periodSeconds }) => {
    const before = history.replicasBefore(periodSeconds * 1000, current, nowMs);
    return type === "Pods" ? before - value : Math.trunc(before * (1 - value / 100));
  });
  return selectPolicy === "Min" ? Math.max(...sizes) : Math.min(...sizes);
}
