/**
 * Names of provisioners and of CSI drivers.
 *
 * In Kubernetes: ValidateCSIDriverName in pkg/apis/core/validation/validation.go
 */
import { type FieldError, invalidValue, required, tooLong } from "../field-error.ts";
import { dns1123SubdomainErrors } from "../names.ts";

const MOST_CHARACTERS = 63;

export function csiDriverNameErrors(name: string, path: string): FieldError[] {
  if (name === "") return [required(path), ...wrong(name, path)];
  const errors = name.length > MOST_CHARACTERS ? [tooLong(path, MOST_CHARACTERS)] : [];
  return [...errors, ...wrong(name, path)];
}

function wrong(name: string, path: string): FieldError[] {
  return dns1123SubdomainErrors(name.toLowerCase()).map((e) => invalidValue(path, name, e));
}
