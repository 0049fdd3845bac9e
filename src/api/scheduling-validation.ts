/**
 * What else of a pod speaks to the scheduler: tolerations, gates, and the spread over topologies.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (ValidateTolerations,
 * validateSchedulingGates, validateTopologySpreadConstraints)
 */
import type {
  PodSchedulingGate,
  Toleration,
  TopologySpreadConstraint,
} from "kubernetes-types/core/v1.js";
import { validateLabelSelector } from "./affinity-validation.ts";
import {
  duplicate,
  type FieldError,
  forbidden,
  GoStruct,
  invalidValue,
  notSupported,
  required,
} from "./field-error.ts";
import { labelValueErrors, qualifiedNameErrors } from "./names.ts";
import { effectErrors } from "./node-validation.ts";

const ACTIONS = ["DoNotSchedule", "ScheduleAnyway"];
const POLICIES = ["Honor", "Ignore"];

export function validateTolerations(tolerations: Toleration[], path: string): FieldError[] {
  return tolerations.flatMap((toleration, index) => {
    const at = `${path}[${index}]`;
    const { key = "", operator = "", effect = "", tolerationSeconds } = toleration;
    const errors =
      key === "" ? [] : qualifiedNameErrors(key).map((e) => invalidValue(`${at}.key`, key, e));
    if (key === "" && operator !== "Exists") {
      const why =
        'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalidValue(`${at}.operator`, operator, why));
    }
    if (tolerationSeconds !== undefined && effect !== "NoExecute") {
      const why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      errors.push(invalidValue(`${at}.effect`, effect, why));
    }
    errors.push(...operatorErrors(toleration, `${at}.operator`));
    return effect === "" ? errors : [...errors, ...effectErrors(effect, `${at}.effect`)];
  });
}

function operatorErrors(toleration: Toleration, path: string): FieldError[] {
  const { operator = "", value = "" } = toleration;
  if (operator === "" || operator === "Equal") {
    const wrong = labelValueErrors(value);
    return wrong.length === 0 ? [] : [invalidValue(path, value, wrong.join(";"))];
  }
  if (operator !== "Exists") return [notSupported(path, operator, ["Equal", "Exists"])];
  if (value === "") return [];
  return [
    invalidValue(path, goToleration(toleration), "value must be empty when `operator` is 'Exists'"),
  ];
}

function goToleration({ key = "", operator = "", value = "", effect = "", ...rest }: Toleration) {
  const seconds = rest.tolerationSeconds ?? new GoStruct("(*int64)(nil)", {}, "");
  return new GoStruct("core.Toleration", {
    Key: key,
    Operator: operator,
    Value: value,
    Effect: effect,
    TolerationSeconds: seconds,
  });
}

export function validateSchedulingGates(gates: PodSchedulingGate[], path: string): FieldError[] {
  const seen = new Set<string>();
  return gates.flatMap(({ name }, index) => {
    const at = `${path}[${index}]`;
    const errors = qualifiedNameErrors(name).map((error) => invalidValue(at, name, error));
    if (seen.has(name)) errors.push(duplicate(at, name));
    seen.add(name);
    return errors;
  });
}

export function validateTopologySpread(
  constraints: TopologySpreadConstraint[],
  path: string,
): FieldError[] {
  return constraints.flatMap((constraint, index) => {
    const at = `${path}[${index}]`;
    const { maxSkew = 0, topologyKey, whenUnsatisfiable } = constraint;
    const errors: FieldError[] = [];
    if (maxSkew <= 0) {
      errors.push(invalidValue(`${at}.maxSkew`, maxSkew, "must be greater than zero"));
    }
    if (!topologyKey) errors.push(required(`${at}.topologyKey`, "can not be empty"));
    if (!ACTIONS.includes(whenUnsatisfiable)) {
      errors.push(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, ACTIONS));
    }
    const isRepeated = constraints
      .slice(index + 1)
      .some(
        (one) => one.topologyKey === topologyKey && one.whenUnsatisfiable === whenUnsatisfiable,
      );
    if (isRepeated) {
      const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
      errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
    }
    return [...errors, ...optionErrors(constraint, at)];
  });
}

function optionErrors(constraint: TopologySpreadConstraint, path: string): FieldError[] {
  const { minDomains, whenUnsatisfiable: action, labelSelector } = constraint;
  const errors: FieldError[] = [];
  if (minDomains !== undefined && minDomains <= 0) {
    errors.push(invalidValue(`${path}.minDomains`, minDomains, "must be greater than zero"));
  }
  if (minDomains !== undefined && action !== "DoNotSchedule") {
    const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
    errors.push(invalidValue(`${path}.minDomains`, minDomains, why));
  }
  for (const name of ["nodeAffinityPolicy", "nodeTaintsPolicy"] as const) {
    const policy = constraint[name];
    if (policy === undefined || POLICIES.includes(policy)) continue;
    errors.push(notSupported(`${path}.${name}`, policy, POLICIES));
  }
  return [
    ...errors,
    ...matchLabelKeyErrors(constraint, `${path}.matchLabelKeys`),
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
  ];
}

/** Labels of the pod itself that the pods counted must share: the selector may not name them too. */
function matchLabelKeyErrors(constraint: TopologySpreadConstraint, path: string): FieldError[] {
  const { matchLabelKeys = [], labelSelector } = constraint;
  if (matchLabelKeys.length === 0) return [];
  const { matchLabels = {}, matchExpressions = [] } = labelSelector ?? {};
  const selected = [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)];
  const errors = matchLabelKeys.flatMap((key, i) => {
    const wrong = qualifiedNameErrors(key);
    if (selected.includes(key)) wrong.push("exists in both matchLabelKeys and labelSelector");
    return wrong.map((why) => invalidValue(`${path}[${i}]`, key, why));
  });
  if (labelSelector) return errors;
  return [forbidden(path, "must not be specified when labelSelector is not set"), ...errors];
}
