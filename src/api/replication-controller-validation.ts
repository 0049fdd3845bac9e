/**
 * A replication controller must be able to see what it makes: its selector matches the labels of
 * its template. Otherwise it would create pods for ever.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateReplicationControllerSpec)
 */
import type { ReplicationControllerStatus } from "kubernetes-types/core/v1.js";
import { type FieldError, invalidValue, required } from "./field-error.ts";
import { matchesLabels } from "./labels.ts";
import { validatePodTemplate } from "./pod-validation.ts";
import type { PodTemplate, ReplicationController } from "./replication-controller.ts";
import { unendingTemplateErrors, unselectedTemplate } from "./template-validation.ts";

const NOT_NEGATIVE = "must be greater than or equal to 0";

export function validateReplicationController({ spec }: ReplicationController): FieldError[] {
  const { minReadySeconds = 0, selector = {}, replicas = 0, template } = spec;
  const errors = atLeastZero("spec.minReadySeconds", minReadySeconds);
  if (Object.keys(selector).length === 0) errors.push(required("spec.selector"));
  errors.push(...atLeastZero("spec.replicas", replicas));
  if (template === undefined) errors.push(required("spec.template"));
  else errors.push(...templateErrors(template, selector));
  return errors;
}

function templateErrors(template: PodTemplate, selector: Record<string, string>): FieldError[] {
  const isSelected =
    Object.keys(selector).length === 0 || matchesLabels(selector, template.metadata?.labels);
  return [
    ...(isSelected ? [] : [unselectedTemplate(template)]),
    ...validatePodTemplate(template, "spec.template"),
    ...unendingTemplateErrors(template, "ReplicationController"),
  ];
}

export function validateReplicationControllerStatus(
  rc: Pick<ReplicationController, "status">,
): FieldError[] {
  const {
    replicas,
    fullyLabeledReplicas = 0,
    readyReplicas = 0,
    availableReplicas = 0,
  } = rc.status ?? ({ replicas: 0 } satisfies ReplicationControllerStatus);
  const { observedGeneration = 0 } = rc.status ?? {};
  const errors = [
    ...atLeastZero("status.replicas", replicas),
    ...atLeastZero("status.fullyLabeledReplicas", fullyLabeledReplicas),
    ...atLeastZero("status.readyReplicas", readyReplicas),
    ...atLeastZero("status.availableReplicas", availableReplicas),
    ...atLeastZero("status.observedGeneration", observedGeneration),
  ];
  const more = "cannot be greater than status.replicas";
  for (const [name, count] of Object.entries({
    fullyLabeledReplicas,
    readyReplicas,
    availableReplicas,
  })) {
    if (count > replicas) errors.push(invalidValue(`status.${name}`, count, more));
  }
  if (availableReplicas > readyReplicas) {
    const wrong = "cannot be greater than readyReplicas";
    errors.push(invalidValue("status.availableReplicas", availableReplicas, wrong));
  }
  return errors;
}

export function atLeastZero(path: string, value: number): FieldError[] {
  return value < 0 ? [invalidValue(path, value, NOT_NEGATIVE)] : [];
}
