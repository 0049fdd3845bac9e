/**
 * What is wrong with a ValidatingAdmissionPolicy or its binding.
 *
 * In Kubernetes: pkg/apis/admissionregistration/validation/validation.go
 */
import type {
  AuditAnnotation,
  ParamKind,
  ParamRef,
  Validation,
  Variable,
} from "kubernetes-types/admissionregistration/v1.js";
import { validateLabelSelector } from "../affinity-validation.ts";
import {
  duplicate,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from "../field-error.ts";
import { dns1035LabelErrors, dns1123SubdomainErrors, qualifiedNameErrors } from "../names.ts";
import { expressionErrors, validateMatchConditions } from "./condition-validation.ts";
import type { Speaks } from "./expressions.ts";
import { validateRule } from "./rule-validation.ts";
import type {
  MatchResources,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "./validating-admission-policy.ts";
import { FAILURE_POLICIES, MATCH_POLICIES, oneOf } from "./webhook-validation.ts";

type PolicySpec = ValidatingAdmissionPolicy["spec"];
type BindingSpec = ValidatingAdmissionPolicyBinding["spec"];

const REASONS = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"];
const ACTIONS = ["Audit", "Deny", "Warn"];
const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const AT_LEAST_ONE = "validations or auditAnnotations must contain at least one item";
const BREAK = /[\n\r]/;

export function validatePolicy(spec: PolicySpec, path: string): FieldError[] {
  const { matchConstraints, variables = [], validations = [], auditAnnotations = [] } = spec;
  const hasParams = spec.paramKind !== undefined;
  const speaks: Speaks = { hasParams, hasAuthorizer: true };
  const withVariables = { ...speaks, variables: variables.map(({ name }) => name) };
  const errors = [
    ...oneOf(spec.failurePolicy, FAILURE_POLICIES, `${path}.failurePolicy`),
    ...paramKindErrors(spec.paramKind, `${path}.paramKind`),
    ...constraintErrors(matchConstraints, `${path}.matchConstraints`),
    ...validateMatchConditions(spec.matchConditions, `${path}.matchConditions`, speaks),
    ...variableErrors(variables, `${path}.variables`, speaks),
  ];
  if (validations.length + auditAnnotations.length === 0) {
    errors.push(required(`${path}.validations`, AT_LEAST_ONE));
    errors.push(required(`${path}.auditAnnotations`, AT_LEAST_ONE));
  }
  return [
    ...errors,
    ...validations.flatMap((one, i) =>
      validationErrors(one, `${path}.validations[${i}]`, withVariables),
    ),
    ...annotationErrors(auditAnnotations, `${path}.auditAnnotations`, withVariables),
  ];
}

function paramKindErrors(kind: ParamKind | undefined, path: string): FieldError[] {
  if (kind === undefined) return [];
  const { apiVersion = "", kind: name = "" } = kind;
  const errors: FieldError[] = [];
  if (apiVersion === "") errors.push(required(`${path}.apiVersion`));
  else {
    const [version = "", group = "", ...more] = apiVersion.split("/").toReversed();
    if (more.length > 0) {
      const why = `unexpected GroupVersion string: ${apiVersion}`;
      errors.push(invalidValue(`${path}.apiVersion`, apiVersion, why));
    } else {
      const wrong = [
        ...(group ? dns1123SubdomainErrors(group) : []),
        ...dns1035LabelErrors(version),
      ];
      if (wrong.length > 0) {
        errors.push(invalidValue(`${path}.apiVersion`, apiVersion, wrong.join(",")));
      }
    }
  }
  if (name === "") return [...errors, required(`${path}.kind`)];
  const wrong = dns1035LabelErrors(name.toLowerCase());
  if (wrong.length === 0) return errors;
  const why = `may have mixed case, but should otherwise match: ${wrong.join(",")}`;
  return [...errors, invalidValue(`${path}.kind`, name, why)];
}

function constraintErrors(match: MatchResources | undefined, path: string): FieldError[] {
  if (match === undefined) return [required(path)];
  const errors = matchErrors(match, path);
  // At least one resourceRule must be defined to provide type information.
  if (!match.resourceRules?.length) errors.push(required(`${path}.resourceRules`));
  return errors;
}

function matchErrors(match: MatchResources, path: string): FieldError[] {
  const { resourceRules = [], excludeResourceRules = [] } = match;
  return [
    ...oneOf(match.matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`),
    ...validateLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(match.objectSelector, `${path}.objectSelector`),
    ...resourceRules.flatMap((rule, i) => validateRule(rule, `${path}.resourceRules[${i}]`)),
    ...excludeResourceRules.flatMap((rule, i) =>
      validateRule(rule, `${path}.excludeResourceRules[${i}]`),
    ),
  ];
}

function variableErrors(variables: Variable[], path: string, speaks: Speaks): FieldError[] {
  return variables.flatMap(({ name = "", expression = "" }, i) => {
    const at = `${path}[${i}]`;
    const earlier = { ...speaks, variables: variables.slice(0, i).map((one) => one.name) };
    const errors = expressionErrors(
      expression,
      [],
      `${at}.expression`,
      earlier,
      "expression is not specified",
    );
    if (name === "") errors.push(required(`${at}.name`, "name is not specified"));
    else if (!IDENTIFIER.test(name)) {
      errors.push(invalidValue(`${at}.name`, name, "name is not a valid CEL identifier"));
    }
    return errors;
  });
}

function validationErrors(one: Validation, path: string, speaks: Speaks): FieldError[] {
  const { expression = "", message = "", messageExpression = "", reason } = one;
  const missing = "expression is not specified";
  const errors = expressionErrors(expression, ["bool"], `${path}.expression`, speaks, missing);
  if (messageExpression !== "") {
    const at = `${path}.messageExpression`;
    if (messageExpression.trim() === "") {
      errors.push(invalidValue(at, messageExpression, "must be non-empty if specified"));
    } else errors.push(...expressionErrors(messageExpression, ["string"], at, speaks));
  }
  if (message !== "" && message.trim() === "") {
    errors.push(invalidValue(`${path}.message`, message, "message must be non-empty if specified"));
  } else if (BREAK.test(message.trim())) {
    errors.push(invalidValue(`${path}.message`, message, "message must not contain line breaks"));
  } else if (BREAK.test(expression.trim()) && message.trim() === "") {
    const why = "message must be specified if expression contains line breaks";
    errors.push(required(`${path}.message`, why));
  }
  return [...errors, ...oneOf(reason, REASONS, `${path}.reason`)];
}

function annotationErrors(
  annotations: AuditAnnotation[],
  path: string,
  speaks: Speaks,
): FieldError[] {
  const keys = new Set<string>();
  return annotations.flatMap(({ key = "", valueExpression = "" }, i) => {
    const at = `${path}[${i}]`;
    const errors = qualifiedNameErrors(key).map((e) => invalidValue(`${at}.key`, key, e));
    const types = ["string", "null"];
    const missing = "valueExpression is not specified";
    errors.push(
      ...expressionErrors(valueExpression, types, `${at}.valueExpression`, speaks, missing),
    );
    if (keys.has(key)) errors.push(duplicate(`${at}.key`, key));
    keys.add(key);
    return errors;
  });
}

export function validateBinding(spec: BindingSpec, path: string): FieldError[] {
  const { policyName = "", paramRef, validationActions = [], matchResources } = spec;
  const errors =
    policyName === ""
      ? [required(`${path}.policyName`)]
      : dns1123SubdomainErrors(policyName).map((e) =>
          invalidValue(`${path}.policyName`, policyName, e),
        );
  return [
    ...errors,
    ...(paramRef ? paramRefErrors(paramRef, `${path}.paramRef`) : []),
    ...(matchResources ? matchErrors(matchResources, `${path}.matchResources`) : []),
    ...actionErrors(validationActions, `${path}.validationActions`),
  ];
}

function paramRefErrors(ref: ParamRef, path: string): FieldError[] {
  const { name = "", selector, parameterNotFoundAction: action } = ref;
  const errors: FieldError[] = [];
  if (name !== "") {
    errors.push(...dns1123SubdomainErrors(name).map((e) => invalidValue(`${path}.name`, name, e)));
    if (selector)
      errors.push(forbidden(`${path}.name`, "name and selector are mutually exclusive"));
  } else if (selector) errors.push(...validateLabelSelector(selector, `${path}.selector`));
  else errors.push(required(path, "one of name or selector must be specified"));
  if (action === undefined) {
    errors.push(required(`${path}.parameterNotFoundAction`));
  } else errors.push(...oneOf(action, ["Deny", "Allow"], `${path}.parameterNotFoundAction`));
  return errors;
}

function actionErrors(actions: string[], path: string): FieldError[] {
  if (actions.length === 0) return [required(path)];
  const errors = actions.flatMap((action, i) => {
    if (!ACTIONS.includes(action)) return [notSupported(`${path}[${i}]`, action, ACTIONS)];
    return actions.indexOf(action) < i ? [duplicate(`${path}[${i}]`, action)] : [];
  });
  if (actions.includes("Deny") && actions.includes("Warn")) {
    const why =
      "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)";
    errors.push(invalidValue(path, actions, why));
  }
  return errors;
}
