/**
 * What a pod must be to be stored.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidatePodCreate)
 */
import type { PodSpec } from "kubernetes-types/core/v1.js";
import type { ObjectMeta } from "kubernetes-types/meta/v1.js";
import { type FieldError, required } from "./field-error.ts";
import type { Pod } from "./pod.ts";

export function validatePod({ spec }: Pod): FieldError[] {
  return validatePodSpec(spec, "spec");
}

export function validatePodTemplate(
  template: { metadata?: ObjectMeta; spec: PodSpec },
  path: string,
): FieldError[] {
  return validatePodSpec(template.spec, `${path}.spec`);
}

export function validatePodSpec(spec: PodSpec, path: string): FieldError[] {
  return spec.containers?.length ? [] : [required(`${path}.containers`)];
}
