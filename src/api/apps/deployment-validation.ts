/**
 * What a Deployment must be: what a ReplicaSet must be, and a strategy by which an update can move.
 *
 * In Kubernetes: pkg/apis/apps/validation/validation.go (ValidateDeploymentSpec, ValidateDeploymentStatus)
 */
import type { RollingUpdateDeployment } from "kubernetes-types/apps/v1.js";
import {
  type FieldError,
  forbidden,
  GoStruct,
  invalidValue,
  notSupported,
} from "../field-error.ts";
import {
  goIntOrString,
  isZeroAmount,
  validateAtMostAll,
  validateIntOrPercent,
} from "../int-or-percent.ts";
import { atLeastZero } from "../replication-controller-validation.ts";
import type { Deployment, DeploymentSpec } from "./deployment.ts";
import { validateReplicaTemplate, validateSelector } from "./selector-validation.ts";

export function validateDeployment({ spec }: Deployment): FieldError[] {
  return [
    ...atLeastZero("spec.replicas", spec.replicas ?? 0),
    ...validateSelector(spec.selector, "spec.selector"),
    ...validateReplicaTemplate(spec),
    ...strategyErrors(spec, "spec.strategy"),
    ...atLeastZero("spec.minReadySeconds", spec.minReadySeconds ?? 0),
    ...atLeastZero("spec.revisionHistoryLimit", spec.revisionHistoryLimit ?? 0),
    ...deadlineErrors(spec, "spec.progressDeadlineSeconds"),
  ];
}

function strategyErrors({ strategy = {} }: DeploymentSpec, path: string): FieldError[] {
  const { type = "", rollingUpdate } = strategy;
  if (type === "RollingUpdate")
    return rollingUpdateErrors(rollingUpdate ?? {}, `${path}.rollingUpdate`);
  if (type === "Recreate") {
    const wrong = "may not be specified when strategy `type` is 'Recreate'";
    return rollingUpdate === undefined ? [] : [forbidden(`${path}.rollingUpdate`, wrong)];
  }
  const nothing = new GoStruct("(*apps.RollingUpdateDeployment)", {}, "(nil)");
  const value = new GoStruct("apps.DeploymentStrategy", { Type: type, RollingUpdate: nothing });
  return [notSupported(path, value, ["Recreate", "RollingUpdate"])];
}

function rollingUpdateErrors(rolling: RollingUpdateDeployment, path: string): FieldError[] {
  const { maxUnavailable = 0, maxSurge = 0 } = rolling;
  const at = `${path}.maxUnavailable`;
  const errors = [
    ...validateIntOrPercent(maxUnavailable, at),
    ...validateIntOrPercent(maxSurge, `${path}.maxSurge`),
  ];
  if (isZeroAmount(maxUnavailable) && isZeroAmount(maxSurge)) {
    const wrong = "may not be 0 when `maxSurge` is 0";
    errors.push(invalidValue(at, goIntOrString(maxUnavailable), wrong));
  }
  return [...errors, ...validateAtMostAll(maxUnavailable, at)];
}

function deadlineErrors(spec: DeploymentSpec, path: string): FieldError[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  if (deadline === undefined) return [];
  const errors = atLeastZero(path, deadline);
  if (deadline <= minReadySeconds) {
    errors.push(invalidValue(path, deadline, "must be greater than minReadySeconds"));
  }
  return errors;
}

export function validateDeploymentStatus(
  { status = {} }: Deployment,
  old: Deployment,
): FieldError[] {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const errors = [
    ...atLeastZero("status.observedGeneration", status.observedGeneration ?? 0),
    ...atLeastZero("status.replicas", replicas),
    ...atLeastZero("status.updatedReplicas", updatedReplicas),
    ...atLeastZero("status.readyReplicas", readyReplicas),
    ...atLeastZero("status.availableReplicas", availableReplicas),
    ...atLeastZero("status.unavailableReplicas", status.unavailableReplicas ?? 0),
    ...atLeastZero("status.collisionCount", status.collisionCount ?? 0),
  ];
  const parts = { updatedReplicas, readyReplicas, availableReplicas };
  for (const [name, count] of Object.entries(parts)) {
    if (count <= replicas) continue;
    errors.push(invalidValue(`status.${name}`, count, "cannot be greater than status.replicas"));
  }
  if (availableReplicas > readyReplicas) {
    const wrong = "cannot be greater than readyReplicas";
    errors.push(invalidValue("status.availableReplicas", availableReplicas, wrong));
  }
  const { collisionCount = 0 } = status;
  if (collisionCount < (old.status?.collisionCount ?? 0)) {
    errors.push(invalidValue("status.collisionCount", collisionCount, "cannot be decremented"));
  }
  return errors;
}
