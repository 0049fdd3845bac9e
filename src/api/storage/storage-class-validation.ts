/**
 * A storage class: who makes its volumes, and how. Once made, only what is said of future sizes may change.
 *
 * In Kubernetes: pkg/apis/storage/validation/validation.go (ValidateStorageClass)
 */
import { isDeepStrictEqual } from "node:util";
import type { TopologySelectorTerm } from "kubernetes-types/core/v1.js";
import {
  duplicate,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from "../field-error.ts";
import { qualifiedNameErrors } from "../names.ts";
import type { StorageClass } from "./storage-class.ts";

const RECLAIM_POLICIES = ["Delete", "Retain"];
const BINDING_MODES = ["Immediate", "WaitForFirstConsumer"];
const MOST_PARAMETERS = 512;
const MOST_PARAMETER_BYTES = 256 * 1024;

export function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const { provisioner = "", reclaimPolicy, volumeBindingMode: mode } = storageClass;
  const errors = provisionerErrors(provisioner);
  errors.push(...parameterErrors(storageClass.parameters ?? {}));
  if (reclaimPolicy && !RECLAIM_POLICIES.includes(reclaimPolicy)) {
    errors.push(notSupported("reclaimPolicy", reclaimPolicy, RECLAIM_POLICIES));
  }
  if (mode === undefined) errors.push(required("volumeBindingMode"));
  else if (!BINDING_MODES.includes(mode)) {
    errors.push(notSupported("volumeBindingMode", mode, BINDING_MODES));
  }
  return [...errors, ...topologyErrors(storageClass.allowedTopologies ?? [], "allowedTopologies")];
}

function provisionerErrors(provisioner: string): FieldError[] {
  if (provisioner === "") return [required("provisioner")];
  const name = provisioner.toLowerCase();
  return qualifiedNameErrors(name).map((error) => invalidValue("provisioner", name, error));
}

function parameterErrors(parameters: Record<string, string>): FieldError[] {
  const entries = Object.entries(parameters);
  const errors: FieldError[] = [];
  if (entries.length > MOST_PARAMETERS) {
    errors.push(tooLong("parameters", MOST_PARAMETERS));
    return errors;
  }
  for (const [key] of entries) {
    if (key === "") errors.push(invalidValue("parameters", key, "field can not be empty."));
  }
  const bytes = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return bytes > MOST_PARAMETER_BYTES
    ? [...errors, tooLong("parameters", MOST_PARAMETER_BYTES)]
    : errors;
}

function topologyErrors(terms: TopologySelectorTerm[], path: string): FieldError[] {
  const seen: Record<string, string[]>[] = [];
  return terms.flatMap(({ matchLabelExpressions = [] }, index) => {
    const errors: FieldError[] = [];
    const term: Record<string, string[]> = {};
    for (const [each, { key, values = [] }] of matchLabelExpressions.entries()) {
      const at = `${path}[${index}].matchLabelExpressions[${each}]`;
      errors.push(...valueErrors(values, `${at}.values`));
      errors.push(...qualifiedNameErrors(key).map((e) => invalidValue(`${at}.key`, key, e)));
      if (term[key] !== undefined) errors.push(duplicate(`${at}.key`, key));
      term[key] = values.toSorted();
    }
    if (seen.some((one) => isDeepStrictEqual(one, term))) {
      errors.push(duplicate(`${path}[${index}].matchLabelExpressions`, ""));
    }
    seen.push(term);
    return errors;
  });
}

function valueErrors(values: string[], path: string): FieldError[] {
  if (values.length === 0) return [required(path)];
  return values.flatMap((value, index) =>
    values.indexOf(value) < index ? [duplicate(`${path}[${index}]`, value)] : [],
  );
}

export function validateStorageClassUpdate(now: StorageClass, old: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ["parameters", "provisioner", "reclaimPolicy"] as const) {
    if (isDeepStrictEqual(now[field] ?? {}, old[field] ?? {})) continue;
    errors.push(forbidden(field, `updates to ${field} are forbidden.`));
  }
  if (now.volumeBindingMode !== old.volumeBindingMode) {
    errors.push(invalidValue("volumeBindingMode", now.volumeBindingMode, "field is immutable"));
  }
  return errors;
}
