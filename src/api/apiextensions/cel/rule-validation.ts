/**
 * Rules are checked when they are declared: that they compile, come to a bool, and speak of the past only
 * where a past value can be found.
 *
 * In Kubernetes: ValidateCustomResourceDefinitionOpenAPISchema in
 * staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go, and
 * pkg/apiserver/schema/cel/compilation.go
 */
import type { ValidationRule } from "kubernetes-types/apiextensions/v1.js";
import {
  type FieldError,
  GoStruct,
  invalidValue,
  notSupported,
  required,
} from "../../field-error.ts";
import { type CustomSchema, childrenOf, isEmbedded } from "../custom-schema.ts";
import { compileErrorText } from "./compile-error.ts";
import { environmentFor } from "./declarations.ts";
import { mentions } from "./environment.ts";
import { isFieldPath } from "./field-path.ts";

const REASONS = [
  "FieldValueDuplicate",
  "FieldValueForbidden",
  "FieldValueInvalid",
  "FieldValueRequired",
];
const BREAK = /[\n\r]/;

interface Place {
  isResource: boolean;
  /** Where the past of what is below can no longer be told. */
  lostAt?: string;
}

export function validateRules(schema: CustomSchema, path: string): FieldError[] {
  return errorsOf(schema, path, { isResource: true });
}

function errorsOf(schema: CustomSchema, path: string, place: Place): FieldError[] {
  const rules = schema["x-kubernetes-validations"] ?? [];
  const errors = rules.flatMap((rule, i) => {
    const at = `${path}.x-kubernetes-validations[${i}]`;
    const wrong = formErrors(rule, schema, at);
    return wrong.length > 0 ? wrong : compileErrors(rule, schema, at, place);
  });
  for (const [step, child] of childrenOf(schema)) {
    errors.push(...errorsOf(child, path + step, placeBelow(schema, child, step, path, place)));
  }
  return errors;
}

function placeBelow(
  schema: CustomSchema,
  child: CustomSchema,
  step: string,
  path: string,
  { lostAt }: Place,
): Place {
  const isList = step === ".items" && schema["x-kubernetes-list-type"] !== "map";
  const isAtomic = step !== ".items" && schema["x-kubernetes-map-type"] === "atomic";
  const lost = lostAt ?? (isList || isAtomic ? path : undefined);
  return { isResource: isEmbedded(child), ...(lost === undefined ? {} : { lostAt: lost }) };
}

function formErrors(rule: ValidationRule, schema: CustomSchema, path: string): FieldError[] {
  const { message = "", messageExpression = "", fieldPath = "", reason } = rule;
  const errors: FieldError[] = [];
  const refuse = (field: string, value: string, why: string) =>
    errors.push(invalidValue(`${path}.${field}`, value, why));
  if (rule.rule.trim() === "") errors.push(required(`${path}.rule`, "rule is not specified"));
  else if (message !== "" && message.trim() === "") {
    refuse("message", message, "message must be non-empty if specified");
  } else if (BREAK.test(message.trim())) {
    refuse("message", message, "message must not contain line breaks");
  } else if (BREAK.test(rule.rule.trim()) && message.trim() === "") {
    const why = "message must be specified if rule contains line breaks";
    errors.push(required(`${path}.message`, why));
  }
  if (messageExpression !== "" && messageExpression.trim() === "") {
    const why = "messageExpression must be non-empty if specified";
    errors.push(required(`${path}.messageExpression`, why));
  }
  if (reason && !REASONS.includes(reason)) {
    errors.push(notSupported(`${path}.reason`, reason, REASONS));
  }
  if (fieldPath !== "" && fieldPath.trim() === "") {
    refuse("fieldPath", fieldPath, "fieldPath must be non-empty if specified");
  }
  if (BREAK.test(fieldPath)) {
    refuse("fieldPath", fieldPath, "fieldPath must not contain line breaks");
  }
  if (fieldPath !== "" && !isFieldPath(fieldPath, schema)) {
    refuse("fieldPath", fieldPath, "fieldPath must be a valid path");
  }
  return errors;
}

function compileErrors(
  rule: ValidationRule,
  schema: CustomSchema,
  path: string,
  { isResource, lostAt }: Place,
): FieldError[] {
  const oldSelf = rule.optionalOldSelf ? "optional" : "value";
  const environment = environmentFor(schema, isResource, oldSelf);
  const check = (expression: string, wanted: string, whyNot: string): string | undefined => {
    const { valid, type, error } = environment.check(expression);
    if (!valid) return compileErrorText(error!, expression);
    return type === wanted || type === "dyn" ? undefined : whyNot;
  };
  const wrong = check(rule.rule, "bool", "cel expression must evaluate to a bool");
  if (wrong !== undefined) return [invalidValue(`${path}.rule`, goRule(rule), wrong)];
  const errors: FieldError[] = [];
  if (rule.messageExpression) {
    const why = "messageExpression must evaluate to a string";
    const wrong = check(rule.messageExpression, "string", why);
    const text = wrong?.replace(/^compilation failed/, "messageExpression compilation failed");
    if (text !== undefined) {
      errors.push(invalidValue(`${path}.messageExpression`, goRule(rule), text));
    }
  }
  if (!mentions(rule.rule, "oldSelf")) {
    if (rule.optionalOldSelf === undefined) return errors;
    const why = "may not be set if oldSelf is not used in rule";
    return [...errors, invalidValue(`${path}.optionalOldSelf`, rule.optionalOldSelf, why)];
  }
  if (lostAt !== undefined) {
    const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${lostAt}`;
    errors.push(invalidValue(`${path}.rule`, rule.rule, why));
  }
  return errors;
}

/** Go shows the address of a reason that is set; here is the reason. */
function goRule(rule: ValidationRule): GoStruct {
  const pointer = (type: string, value: unknown) =>
    new GoStruct("", {}, value === undefined ? `(*${type})(nil)` : `(*${type})(${String(value)})`);
  return new GoStruct("apiextensions.ValidationRule", {
    Rule: rule.rule,
    Message: rule.message ?? "",
    MessageExpression: rule.messageExpression ?? "",
    Reason: pointer("apiextensions.FieldValueErrorReason", rule.reason),
    FieldPath: rule.fieldPath ?? "",
    OptionalOldSelf: pointer("bool", rule.optionalOldSelf),
  });
}
