/**
 * What a PriorityClass may say: no more than a thousand million, and no name of the system's.
 *
 * In Kubernetes: pkg/apis/scheduling/validation/validation.go
 */
import {
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from "../field-error.ts";
import type { PriorityClass } from "./priority-class.ts";

const HIGHEST_OF_A_USER = 1_000_000_000;
const POLICIES = ["PreemptLowerPriority", "Never"];

export function validatePriorityClass(
  priorityClass: PriorityClass,
  ofTheSystem: readonly PriorityClass[],
): FieldError[] {
  const { metadata, value, preemptionPolicy: policy } = priorityClass;
  const errors: FieldError[] = [];
  if (metadata.name.startsWith("system-")) {
    const wrong = unlikeSystemClass(priorityClass, ofTheSystem);
    const why = "priority class names with 'system-' prefix are reserved for system use only";
    if (wrong) errors.push(forbidden("metadata.name", `${why}. error: ${wrong}`));
  } else if (value > HIGHEST_OF_A_USER) {
    const why = `maximum allowed value of a user defined priority is ${HIGHEST_OF_A_USER}`;
    errors.push(forbidden("value", why));
  }
  if (policy !== undefined && !POLICIES.includes(policy)) {
    const isEmpty = (policy as string) === "";
    const at = "preemptionPolicy";
    errors.push(isEmpty ? required(at) : notSupported(at, policy, POLICIES));
  }
  return errors;
}

/** A pod keeps the number it was given, so the number must not change behind it. */
export function validatePriorityClassUpdate(wanted: PriorityClass, old: PriorityClass) {
  const errors: FieldError[] = [];
  if (wanted.value !== old.value) {
    errors.push(forbidden("value", "may not be changed in an update."));
  }
  if (wanted.preemptionPolicy !== old.preemptionPolicy) {
    const { preemptionPolicy } = wanted;
    errors.push(invalidValue("preemptionPolicy", preemptionPolicy, "field is immutable"));
  }
  return errors;
}

function unlikeSystemClass(
  { metadata: { name }, value, globalDefault = false }: PriorityClass,
  ofTheSystem: readonly PriorityClass[],
): string | undefined {
  const known = ofTheSystem.find(({ metadata }) => metadata.name === name);
  if (!known) return `${name} is not a known system priority class`;
  if (value !== known.value) return `value of ${name} PriorityClass must be ${known.value}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
