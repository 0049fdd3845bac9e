/**
 * The rules of a pod failure policy: each looks either at exit codes or at conditions, and says what
 * a failure of that sort means.
 *
 * In Kubernetes: pkg/apis/batch/validation/validation.go (validatePodFailurePolicy)
 */
import type {
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from "kubernetes-types/batch/v1.js";
import {
  duplicate,
  type FieldError,
  GoStruct,
  invalidValue,
  notSupported,
  required,
  tooMany,
} from "../field-error.ts";
import { qualifiedNameErrors } from "../names.ts";
import type { JobSpec } from "./job.ts";

const ACTIONS = ["Count", "FailIndex", "FailJob", "Ignore"];
const OPERATORS = ["In", "NotIn"];
const STATUSES = ["False", "True", "Unknown"];
const MOST_RULES = 20;
const MOST_VALUES = 255;
const MOST_PATTERNS = 20;

export function validatePodFailurePolicy(spec: JobSpec, path: string): FieldError[] {
  const { rules = [] } = spec.podFailurePolicy ?? {};
  const at = `${path}.rules`;
  return [
    ...(rules.length > MOST_RULES ? [tooMany(at, rules.length, MOST_RULES)] : []),
    ...rules.flatMap((rule, index) => ruleErrors(rule, spec, `${at}[${index}]`)),
  ];
}

function ruleErrors(rule: PodFailurePolicyRule, spec: JobSpec, path: string): FieldError[] {
  const { onExitCodes, onPodConditions = [] } = rule;
  const errors = actionErrors(rule.action, spec, `${path}.action`);
  if (onExitCodes !== undefined) {
    const { containers, initContainers = [] } = spec.template.spec;
    const names = [...containers, ...initContainers].map(({ name }) => name);
    errors.push(...exitCodesErrors(onExitCodes, names, `${path}.onExitCodes`));
  }
  errors.push(...patternErrors(onPodConditions, `${path}.onPodConditions`));
  if (onExitCodes !== undefined && onPodConditions.length > 0) {
    errors.push(
      invalidRule(path, "specifying both OnExitCodes and OnPodConditions is not supported"),
    );
  }
  if (onExitCodes === undefined && onPodConditions.length === 0) {
    errors.push(invalidRule(path, "specifying one of OnExitCodes and OnPodConditions is required"));
  }
  return errors;
}

function actionErrors(action: string, spec: JobSpec, path: string): FieldError[] {
  if (!action) return [required(path, validValues(ACTIONS))];
  if (!ACTIONS.includes(action)) return [notSupported(path, action, ACTIONS)];
  if (action !== "FailIndex" || spec.backoffLimitPerIndex !== undefined) return [];
  return [invalidValue(path, action, "requires the backoffLimitPerIndex to be set")];
}

function exitCodesErrors(
  requirement: PodFailurePolicyOnExitCodesRequirement,
  containerNames: string[],
  path: string,
): FieldError[] {
  const { operator, containerName, values = [] } = requirement;
  const errors = choiceErrors(operator, OPERATORS, `${path}.operator`);
  if (containerName !== undefined && !containerNames.includes(containerName)) {
    const why = "must be one of the container or initContainer names in the pod template";
    errors.push(invalidValue(`${path}.containerName`, containerName, why));
  }
  return [...errors, ...valuesErrors(values, operator, `${path}.values`)];
}

function valuesErrors(values: number[], operator: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (values.length === 0) {
    errors.push(invalidValue(path, goNumbers(values), "at least one value is required"));
  } else if (values.length > MOST_VALUES) errors.push(tooMany(path, values.length, MOST_VALUES));
  const seen = new Set<number>();
  for (const [index, value] of values.entries()) {
    const at = `${path}[${index}]`;
    if (operator === "In" && value === 0) {
      errors.push(invalidValue(at, value, "must not be 0 for the In operator"));
    }
    if (seen.has(value)) errors.push(duplicate(at, value));
    seen.add(value);
  }
  const isOrdered = values.every((value, index) => index === 0 || values[index - 1]! <= value);
  if (!isOrdered) errors.push(invalidValue(path, goNumbers(values), "must be ordered"));
  return errors;
}

function patternErrors(
  patterns: PodFailurePolicyOnPodConditionsPattern[],
  path: string,
): FieldError[] {
  const errors =
    patterns.length > MOST_PATTERNS ? [tooMany(path, patterns.length, MOST_PATTERNS)] : [];
  for (const [index, { type = "", status }] of patterns.entries()) {
    const at = `${path}[${index}]`;
    errors.push(...qualifiedNameErrors(type).map((e) => invalidValue(`${at}.type`, type, e)));
    errors.push(...choiceErrors(status, STATUSES, `${at}.status`));
  }
  return errors;
}

function choiceErrors(value: string | undefined, choices: string[], path: string): FieldError[] {
  if (!value) return [required(path, validValues(choices))];
  return choices.includes(value) ? [] : [notSupported(path, value, choices)];
}

/** As Go prints a list of quoted strings. */
function validValues(values: string[]): string {
  return `valid values: [${values.map((value) => JSON.stringify(value)).join(" ")}]`;
}

function goNumbers(values: number[]): GoStruct {
  return new GoStruct("[]int32", {}, values.length === 0 ? "(nil)" : `{${values.join(", ")}}`);
}

/** Said of the rule as a whole, so without its value. */
function invalidRule(field: string, why: string): FieldError {
  return { reason: "FieldValueInvalid", field, message: `Invalid value: ${why}` };
}
