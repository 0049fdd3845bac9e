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
  GoStruct,
  invalidValue,
  required,
} from "../field-error.ts";
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  pathSegmentErrors,
  qualifiedNameErrors,
} from "../names.ts";
import { expressionErrors, validateMatchConditions } from "./condition-validation.ts";
import type { Speaks } from "./expressions.ts";
import { validateRule } from "./rule-validation.ts";
import type {
  MatchResources,
  NamedRule,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "./validating-admission-policy.ts";
import { FAILURE_POLICIES, MATCH_POLICIES, oneOf } from "./webhook-validation.ts";

type PolicySpec = ValidatingAdmissionPolicy["spec"];
type BindingSpec = ValidatingAdmissionPolicyBinding["spec"];

const REASONS = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
const ACTIONS = ["Audit", "Deny", "Warn"];
const NOT_FOUND_ACTIONS = ["Deny", "Allow"];
const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const RESERVED =
  /^(true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)$/;
const EXCLUSIVE = "name and selector are mutually exclusive";
const MOST_ANNOTATIONS = 20;
const MOST_ANNOTATION_BYTES = 5 * 1024;
const AT_LEAST_ONE = "validations or auditAnnotations must contain at least one item";
const BREAK = /[\n\r]/;

export function validatePolicy(name: string, spec: PolicySpec, path: string): FieldError[] {
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
    ...annotationErrors(name, auditAnnotations, `${path}.auditAnnotations`, withVariables),
  ];
}

function paramKindErrors(kind: ParamKind | undefined, path: string): FieldError[] {
  if (kind === undefined) return [];
  const { apiVersion = "", kind: name = "" } = kind;
  const errors: FieldError[] = [];
  if (apiVersion === "") errors.push(required(`${path}.apiVersion`));
  else errors.push(...versionErrors(apiVersion, `${path}.apiVersion`));
  if (name === "") return [...errors, required(`${path}.kind`)];
  const wrong = dns1035LabelErrors(name.toLowerCase());
  if (wrong.length === 0) return errors;
  const why = `may have mixed case, but should otherwise match: ${wrong.join(",")}`;
  return [...errors, invalidValue(`${path}.kind`, name, why)];
}

function versionErrors(apiVersion: string, path: string): FieldError[] {
  const [version = "", group = "", ...more] = apiVersion.split("/").toReversed();
  if (more.length > 0) {
    return [invalidValue(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  }
  const errors: FieldError[] = [];
  const refuse = (value: string, wrong: string[]) => {
    if (wrong.length > 0) errors.push(invalidValue(path, value, wrong.join(",")));
  };
  if (group !== "") refuse(group, dns1123SubdomainErrors(group));
  if (version === "") refuse(apiVersion, ["version must be specified"]);
  else refuse(version, dns1035LabelErrors(version));
  return errors;
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
    ...resourceRules.flatMap((rule, i) => namedRuleErrors(rule, `${path}.resourceRules[${i}]`)),
    ...excludeResourceRules.flatMap((rule, i) =>
      namedRuleErrors(rule, `${path}.excludeResourceRules[${i}]`),
    ),
  ];
}

function namedRuleErrors(rule: NamedRule, path: string): FieldError[] {
  const { resourceNames = [] } = rule;
  const errors = resourceNames.flatMap((name, i) => {
    const at = `${path}.resourceNames[${i}]`;
    const wrong = pathSegmentErrors(name).map((error) => invalidValue(at, name, error));
    return resourceNames.indexOf(name) < i ? [...wrong, duplicate(at, name)] : wrong;
  });
  return [...errors, ...validateRule(rule, path)];
}

function variableErrors(variables: Variable[], path: string, speaks: Speaks): FieldError[] {
  return variables.flatMap(({ name = "", expression = "" }, i) => {
    const at = `${path}[${i}]`;
    const earlier = { ...speaks, variables: variables.slice(0, i).map((one) => one.name) };
    const errors: FieldError[] = [];
    if (name.trim() === "") errors.push(required(`${at}.name`, "name is not specified"));
    else if (!IDENTIFIER.test(name) || RESERVED.test(name)) {
      errors.push(invalidValue(`${at}.name`, name, "name is not a valid CEL identifier"));
    }
    const why = "expression is not specified";
    return [...errors, ...expressionErrors(expression, [], `${at}.expression`, earlier, why)];
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
    } else {
      const words = { ...speaks, hasAuthorizer: false };
      errors.push(...expressionErrors(messageExpression, ["string"], at, words));
    }
  }
  if (message !== "" && message.trim() === "") {
    errors.push(invalidValue(`${path}.message`, message, "message must be non-empty if specified"));
  } else if (BREAK.test(message.trim())) {
    errors.push(invalidValue(`${path}.message`, message, "message must not contain line breaks"));
  }
  return [...errors, ...oneOf(reason, REASONS, `${path}.reason`)];
}

function annotationErrors(
  policy: string,
  annotations: AuditAnnotation[],
  path: string,
  speaks: Speaks,
): FieldError[] {
  const keys = new Set<string>();
  const errors = annotations.flatMap((annotation, i) => {
    const { key = "" } = annotation;
    const wrong = annotationError(policy, annotation, `${path}[${i}]`, speaks);
    if (keys.has(key)) wrong.push(duplicate(`${path}[${i}].key`, key));
    keys.add(key);
    return wrong;
  });
  if (annotations.length <= MOST_ANNOTATIONS) return errors;
  const shown = annotations.map((one) => ({ Key: one.key, ValueExpression: one.valueExpression }));
  const value = GoStruct.listOf("admissionregistration.AuditAnnotation", shown);
  const why = `must not have more than ${MOST_ANNOTATIONS} auditAnnotations`;
  return [invalidValue(path, value, why), ...errors];
}

/** The key is the part after the slash of what the audit log shows. */
function annotationError(policy: string, one: AuditAnnotation, path: string, speaks: Speaks) {
  const { key = "", valueExpression = "" } = one;
  const whole = `${policy}/${key}`;
  const errors =
    policy === ""
      ? [invalidValue(`${path}.key`, key, "requires metadata.name be non-empty")]
      : qualifiedNameErrors(whole).map((error) => invalidValue(`${path}.key`, whole, error));
  const at = `${path}.valueExpression`;
  if (Buffer.byteLength(valueExpression.trim()) > MOST_ANNOTATION_BYTES) {
    return [...errors, required(at, `must not exceed ${MOST_ANNOTATION_BYTES} bytes in length`)];
  }
  const types = ["string", "null"];
  const missing = "valueExpression is not specified";
  return [...errors, ...expressionErrors(valueExpression, types, at, speaks, missing)];
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
    // Spelled as Kubernetes spells it.
    ...(matchResources ? matchErrors(matchResources, `${path}.matchResouces`) : []),
    ...actionErrors(validationActions, `${path}.validationActions`),
  ];
}

function paramRefErrors(ref: ParamRef, path: string): FieldError[] {
  const { name = "", selector, parameterNotFoundAction: action } = ref;
  const errors = pathSegmentErrors(name).map((e) => invalidValue(`${path}.name`, name, e));
  if (name !== "" && selector) errors.push(forbidden(`${path}.name`, EXCLUSIVE));
  errors.push(...validateLabelSelector(selector, `${path}.selector`));
  if (name !== "" && selector) errors.push(forbidden(`${path}.selector`, EXCLUSIVE));
  if (name === "" && !selector) {
    errors.push(required(path, "one of name or selector must be specified"));
  }
  const at = `${path}.parameterNotFoundAction`;
  return [...errors, ...(action ? oneOf(action, NOT_FOUND_ACTIONS, at) : [required(at)])];
}

function actionErrors(actions: string[], path: string): FieldError[] {
  if (actions.length === 0) return [required(path, "at least one validation action is required")];
  const errors = actions.flatMap((action, i) => [
    ...oneOf(action, ACTIONS, `${path}[${i}]`),
    ...(actions.indexOf(action) < i ? [duplicate(`${path}[${i}]`, action)] : []),
  ]);
  if (actions.includes("Deny") && actions.includes("Warn")) {
    const why =
      "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)";
    const list = actions.map((one) => JSON.stringify(one)).join(", ");
    const shown = new GoStruct("[]admissionregistration.ValidationAction", {}, `{${list}}`);
    errors.push(invalidValue(path, shown, why));
  }
  return errors;
}
