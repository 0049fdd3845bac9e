/**
 * A reference to an object of any kind, by group, kind and name: what an ingress sends to, what configures an
 * ingress class.
 *
 * In Kubernetes: validateIngressTypedLocalObjectReference in pkg/apis/networking/validation/validation.go
 */
import type { TypedLocalObjectReference } from "kubernetes-types/core/v1.js";
import { type FieldError, invalidValue, required } from "../field-error.ts";
import { dns1123SubdomainErrors, pathSegmentErrors } from "../names.ts";

export function typedReferenceErrors(
  reference: TypedLocalObjectReference,
  path: string,
): FieldError[] {
  const { apiGroup } = reference;
  const errors: FieldError[] = [];
  if (apiGroup !== undefined) {
    const wrong = dns1123SubdomainErrors(apiGroup);
    errors.push(...wrong.map((error) => invalidValue(`${path}.apiGroup`, apiGroup, error)));
  }
  for (const field of ["kind", "name"] as const) {
    const value = reference[field];
    if (!value) errors.push(required(`${path}.${field}`, `${field} is required`));
    else {
      const wrong = pathSegmentErrors(value);
      errors.push(...wrong.map((error) => invalidValue(`${path}.${field}`, value, error)));
    }
  }
  return errors;
}
