/**
 * Conditions of the common form: each type once, a status of three, a reason in one word.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go
 * (ValidateConditions)
 */
import type { Condition } from "kubernetes-types/meta/v1.js";
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from "./field-error.ts";
import { qualifiedNameErrors } from "./names.ts";

const STATUSES = ["False", "True", "Unknown"];
const LONGEST_REASON = 1024;
const LONGEST_MESSAGE = 32 * 1024;
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const NOT_A_REASON =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";

export function validateConditions(conditions: readonly Condition[], path: string): FieldError[] {
  const seen = new Set<string>();
  return conditions.flatMap((condition, index) => {
    const at = `${path}[${index}]`;
    const isTwice = seen.has(condition.type);
    seen.add(condition.type);
    const errors = isTwice ? [duplicate(`${at}.type`, condition.type)] : [];
    return [...errors, ...conditionErrors(condition, at)];
  });
}

function conditionErrors(condition: Condition, path: string): FieldError[] {
  const { type, status, observedGeneration = 0, reason = "", message = "" } = condition;
  const errors = qualifiedNameErrors(type).map((e) => invalidValue(`${path}.type`, type, e));
  if (!STATUSES.includes(status)) errors.push(notSupported(`${path}.status`, status, STATUSES));
  if (observedGeneration < 0) {
    const why = "must be greater than or equal to zero";
    errors.push(invalidValue(`${path}.observedGeneration`, observedGeneration, why));
  }
  if (!condition.lastTransitionTime) {
    errors.push(required(`${path}.lastTransitionTime`, "must be set"));
  }
  if (reason === "") errors.push(required(`${path}.reason`, "must be set"));
  else if (!REASON.test(reason)) errors.push(invalidValue(`${path}.reason`, reason, NOT_A_REASON));
  if (reason.length > LONGEST_REASON) errors.push(tooLong(`${path}.reason`, LONGEST_REASON));
  if (message.length > LONGEST_MESSAGE) errors.push(tooLong(`${path}.message`, LONGEST_MESSAGE));
  return errors;
}
