/**
 * A daemon set must see the pods it makes, keep its selector, and replace pods either by taking away
 * first or by adding first, not both.
 *
 * In Kubernetes: pkg/apis/apps/validation/validation.go (ValidateDaemonSetSpec)
 */
import type { DaemonSetStatus, RollingUpdateDaemonSet } from "kubernetes-types/apps/v1.js";
import { type FieldError, GoStruct, invalidValue, notSupported, required } from "../field-error.ts";
import {
  goIntOrString,
  isZeroAmount,
  validateAtMostAll,
  validateIntOrPercent,
} from "../int-or-percent.ts";
import { validatePodTemplate } from "../pod-validation.ts";
import { atLeastZero } from "../replication-controller-validation.ts";
import { unendingTemplateErrors } from "../template-validation.ts";
import type { DaemonSet, DaemonSetSpec } from "./daemon-set.ts";
import { validateSameSelector, validateSelector } from "./selector-validation.ts";
import { collisionErrors, countErrors, unselectedTemplateErrors } from "./workload-validation.ts";

const COUNTS = [
  "currentNumberScheduled",
  "numberMisscheduled",
  "desiredNumberScheduled",
  "numberReady",
  "observedGeneration",
  "updatedNumberScheduled",
  "numberAvailable",
  "numberUnavailable",
  "collisionCount",
] satisfies (keyof DaemonSetStatus)[];
const STRATEGIES = ["RollingUpdate", "OnDelete"];

export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  if (spec === undefined) return [required("spec")];
  const { selector, template, minReadySeconds = 0, revisionHistoryLimit = 0 } = spec;
  const empty = "empty selector is invalid for daemonset";
  return [
    ...unselectedTemplateErrors(selector, template),
    // Without a selector no template can match, and that has just been said.
    ...(selector === undefined ? [] : validateSelector(selector, "spec.selector", empty)),
    ...validatePodTemplate(template, "spec.template"),
    ...unendingTemplateErrors(template, "DaemonSet"),
    ...atLeastZero("spec.minReadySeconds", minReadySeconds),
    ...strategyErrors(spec),
    ...atLeastZero("spec.revisionHistoryLimit", revisionHistoryLimit),
  ];
}

export function validateDaemonSetUpdate(set: DaemonSet, old: DaemonSet): FieldError[] {
  return validateSameSelector(set.spec.selector, old.spec.selector);
}

export function validateDaemonSetStatus(set: DaemonSet, old: DaemonSet): FieldError[] {
  const { status = {} as DaemonSetStatus } = set;
  return [
    ...countErrors(status, COUNTS),
    ...collisionErrors(status.collisionCount, old.status?.collisionCount),
  ];
}

function strategyErrors({ updateStrategy = {} }: DaemonSetSpec): FieldError[] {
  const path = "spec.updateStrategy";
  const { type = "", rollingUpdate } = updateStrategy;
  if (type === "OnDelete") return [];
  if (type !== "RollingUpdate") {
    const none = new GoStruct("", {}, "(*apps.RollingUpdateDaemonSet)(nil)");
    const strategy = { Type: type, RollingUpdate: none };
    return [notSupported(path, new GoStruct("apps.DaemonSetUpdateStrategy", strategy), STRATEGIES)];
  }
  if (rollingUpdate === undefined) return [required(`${path}.rollingUpdate`)];
  return rollingUpdateErrors(rollingUpdate, `${path}.rollingUpdate`);
}

function rollingUpdateErrors(
  { maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDaemonSet,
  path: string,
): FieldError[] {
  const errors = [
    ...validateIntOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${path}.maxSurge`),
    ...validateAtMostAll(maxUnavailable, `${path}.maxUnavailable`),
    ...validateAtMostAll(maxSurge, `${path}.maxSurge`),
  ];
  const [takesAway, adds] = [!isZeroAmount(maxUnavailable), !isZeroAmount(maxSurge)];
  if (takesAway && adds) {
    const why = "may not be set when maxUnavailable is non-zero";
    errors.push(invalidValue(`${path}.maxSurge`, goIntOrString(maxSurge), why));
  } else if (!takesAway && !adds) {
    errors.push(required(`${path}.maxUnavailable`, "cannot be 0 when maxSurge is 0"));
  }
  return errors;
}
