/**
 * What a stateful set must be, and what of it stays as it was: its selector, its service and the
 * claims of its pods.
 *
 * In Kubernetes: pkg/apis/apps/validation/validation.go (ValidateStatefulSetSpec). As there, the pod
 * of the template is not looked into: its mounts may name volumes that only the claims provide.
 */
import { isDeepStrictEqual } from "node:util";
import type { StatefulSetStatus } from "kubernetes-types/apps/v1.js";
import {
  type FieldError,
  forbidden,
  GoStruct,
  invalidValue,
  notSupported,
  required,
} from "../field-error.ts";
import { validateAnnotations, validateLabels } from "../metadata-validation.ts";
import { podAnnotationErrors } from "../pod-annotations-validation.ts";
import { atLeastZero } from "../replication-controller-validation.ts";
import { unendingTemplateErrors } from "../template-validation.ts";
import { goLabelSelector, isReadable, validateSelector } from "./selector-validation.ts";
import type { StatefulSet, StatefulSetSpec } from "./stateful-set.ts";
import { collisionErrors, countErrors, unselectedTemplateErrors } from "./workload-validation.ts";

const CHANGEABLE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
] as const;

const COUNTS = [
  "replicas",
  "readyReplicas",
  "currentReplicas",
  "updatedReplicas",
  "availableReplicas",
  "observedGeneration",
  "collisionCount",
] satisfies (keyof StatefulSetStatus)[];
const EMPTY = "empty selector is invalid for statefulset";

export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  if (spec === undefined) return [required("spec")];
  return [
    ...managementErrors(spec.podManagementPolicy ?? ""),
    ...strategyErrors(spec),
    ...retentionErrors(spec),
    ...atLeastZero("spec.replicas", spec.replicas ?? 0),
    ...atLeastZero("spec.minReadySeconds", spec.minReadySeconds ?? 0),
    ...atLeastZero("spec.ordinals.start", spec.ordinals?.start ?? 0),
    ...validateSelector(spec.selector, "spec.selector", EMPTY),
    ...(isReadable(spec.selector)
      ? templateErrors(spec)
      : [invalidValue("spec.selector", goLabelSelector(spec.selector), "")]),
    ...unendingTemplateErrors(spec.template, "StatefulSet"),
  ];
}

export function validateStatefulSetUpdate(set: StatefulSet, old: StatefulSet): FieldError[] {
  const [now, before] = [{ ...set.spec }, { ...old.spec }];
  for (const field of CHANGEABLE) {
    delete now[field];
    delete before[field];
  }
  if (isDeepStrictEqual(now, before)) return [];
  const why =
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
  return [forbidden("spec", why)];
}

export function validateStatefulSetStatus(set: StatefulSet, old: StatefulSet): FieldError[] {
  const { status = { replicas: 0 } } = set;
  const { replicas = 0 } = status;
  const errors = countErrors(status, COUNTS);
  const more = "cannot be greater than status.replicas";
  for (const name of ["ready", "current", "updated", "available"] as const) {
    const count = status[`${name}Replicas`] ?? 0;
    if (count > replicas) errors.push(invalidValue(`status.${name}Replicas`, count, more));
  }
  const { availableReplicas = 0, readyReplicas = 0 } = status;
  if (availableReplicas > readyReplicas) {
    const why = "cannot be greater than status.readyReplicas";
    errors.push(invalidValue("status.availableReplicas", availableReplicas, why));
  }
  return [...errors, ...collisionErrors(status.collisionCount, old.status?.collisionCount)];
}

function managementErrors(policy: string): FieldError[] {
  const path = "spec.podManagementPolicy";
  if (policy === "") return [required(path)];
  if (policy === "OrderedReady" || policy === "Parallel") return [];
  return [invalidValue(path, policy, "must be 'OrderedReady' or 'Parallel'")];
}

function strategyErrors({ updateStrategy = {} }: StatefulSetSpec): FieldError[] {
  const path = "spec.updateStrategy";
  const { type = "", rollingUpdate } = updateStrategy;
  if (type === "") return [required(path)];
  if (type === "RollingUpdate") {
    return atLeastZero(`${path}.rollingUpdate.partition`, rollingUpdate?.partition ?? 0);
  }
  const asGo = new GoStruct("apps.RollingUpdateStatefulSetStrategy", {
    Partition: rollingUpdate?.partition ?? 0,
    MaxUnavailable: new GoStruct("", {}, "(*intstr.IntOrString)(nil)"),
  });
  if (type === "OnDelete") {
    const why = "only allowed for updateStrategy 'RollingUpdate'";
    return rollingUpdate ? [invalidValue(`${path}.rollingUpdate`, asGo, why)] : [];
  }
  const none = new GoStruct("", {}, "(*apps.RollingUpdateStatefulSetStrategy)(nil)");
  const strategy = { Type: type, RollingUpdate: rollingUpdate ? asGo : none };
  const value = new GoStruct("apps.StatefulSetUpdateStrategy", strategy);
  return [invalidValue(path, value, "must be 'RollingUpdate' or 'OnDelete'")];
}

function retentionErrors({ persistentVolumeClaimRetentionPolicy = {} }: StatefulSetSpec) {
  return (["whenDeleted", "whenScaled"] as const).flatMap((when) => {
    const policy = persistentVolumeClaimRetentionPolicy[when];
    const supported = ["Retain", "Delete"];
    if (policy === undefined || supported.includes(policy)) return [];
    return [notSupported(`spec.persistentVolumeClaimRetentionPolicy.${when}`, policy, supported)];
  });
}

function templateErrors({ selector, template }: StatefulSetSpec): FieldError[] {
  const { labels = {}, annotations = {} } = template.metadata ?? {};
  return [
    ...unselectedTemplateErrors(selector, template),
    ...validateLabels(labels, "spec.template.labels"),
    ...validateAnnotations(annotations, "spec.template.annotations"),
    ...podAnnotationErrors(annotations, template.spec, "spec.template.annotations"),
  ];
}
