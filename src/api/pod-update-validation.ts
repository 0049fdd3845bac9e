/**
 * What may change of a pod once it is there: next to nothing.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidatePodUpdate)
 */
import type { FieldError } from "./field-error.ts";
import type { Pod } from "./pod.ts";
import { validatePod } from "./pod-validation.ts";

export function validatePodUpdate(pod: Pod, _old: Pod): FieldError[] {
  return validatePod(pod);
}
