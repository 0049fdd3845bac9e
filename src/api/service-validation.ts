/**
 * A service's ports, addresses and policies, and what of them may not change.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateService, ValidateServiceUpdate)
 */
import { type FieldError, required } from "./field-error.ts";
import type { Service } from "./service.ts";

export function validateService({ spec }: Service): FieldError[] {
  const isHeadless = spec.clusterIP === "None" || spec.clusterIPs?.[0] === "None";
  if (!spec.ports?.length && !isHeadless && spec.type !== "ExternalName") {
    return [required("spec.ports")];
  }
  return [];
}

export function validateServiceUpdate(service: Service, _old: Service): FieldError[] {
  return validateService(service);
}
