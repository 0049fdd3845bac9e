/**
 * Judges an object by the rules of its schema. A rule that speaks of oldSelf is a rule about changes: it is
 * asked only where there was something before.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go
 */
import { isDeepStrictEqual } from "node:util";
import { EvaluationError, Optional, type ParseResult } from "@marcbachmann/cel-js";
import type { ValidationRule } from "kubernetes-types/apiextensions/v1.js";
import {
  duplicate,
  type FieldError,
  forbidden,
  invalidValue,
  required,
} from "../../field-error.ts";
import { type CustomSchema, isFields, itemsOf, propertyOf, valuesOf } from "../custom-schema.ts";
import { hasRules } from "../rules.ts";
import { rootPath } from "../value-validation/root-path.ts";
import { correlated } from "../value-validation.ts";
import { BUDGET_EXCEEDED, Budget, CALL_COST_EXCEEDED } from "./cost.ts";
import { mentions, runEnvironment, withGoPatterns } from "./environment.ts";
import { pathOf } from "./field-path.ts";
import { celValue } from "./values.ts";

interface CompiledRule {
  rule: ValidationRule;
  test: ParseResult;
  message: ParseResult | undefined;
  usesOldSelf: boolean;
}

const MOST_MESSAGE_BYTES = 5_120;

export function judgeByRules(obj: object, schema: CustomSchema, old?: object): FieldError[] {
  return judge(obj, schema, "", old, new Budget());
}

function judge(
  value: unknown,
  schema: CustomSchema,
  path: string,
  old: unknown,
  budget: Budget,
): FieldError[] {
  if (value === null || value === undefined || !hasRules(schema)) return [];
  const errors = compiledRules(schema).flatMap((rule) =>
    budget.isOver ? [] : verdict(rule, value, schema, path, old, budget),
  );
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    const before = correlated(schema, old);
    if (items === undefined) return errors;
    return [
      ...errors,
      ...value.flatMap((one, i) => judge(one, items, `${path}[${i}]`, before(one), budget)),
    ];
  }
  if (!isFields(value)) return errors;
  for (const [name, one] of Object.entries(value)) {
    const property = propertyOf(schema, name);
    const below = property ?? valuesOf(schema);
    const isAtomic = schema["x-kubernetes-map-type"] === "atomic";
    const before = isFields(old) && !isAtomic ? old[name] : undefined;
    const at = property ? (path === "" ? name : `${path}.${name}`) : `${path}[${name}]`;
    if (below !== undefined) errors.push(...judge(one, below, at, before, budget));
  }
  return errors;
}

const known = new WeakMap<CustomSchema, CompiledRule[]>();

function compiledRules(schema: CustomSchema): CompiledRule[] {
  let rules = known.get(schema);
  if (rules === undefined) {
    rules = (schema["x-kubernetes-validations"] ?? []).map(compiled);
    known.set(schema, rules);
  }
  return rules;
}

function compiled(rule: ValidationRule): CompiledRule {
  const parse = (text: string) => runEnvironment().parse(withGoPatterns(text));
  return {
    rule,
    test: parse(rule.rule),
    message: rule.messageExpression ? parse(rule.messageExpression) : undefined,
    usesOldSelf: mentions(rule.rule, "oldSelf"),
  };
}

function verdict(
  { rule, test, message, usesOldSelf }: CompiledRule,
  value: unknown,
  schema: CustomSchema,
  path: string,
  old: unknown,
  budget: Budget,
): FieldError[] {
  if (usesOldSelf && old === undefined && !rule.optionalOldSelf) return [];
  const variables = { self: celValue(value, schema), oldSelf: pastOf(rule, schema, old) };
  const type = schema.type ?? "";
  try {
    const holds = budget.run(() => test(variables)) === true;
    budget.check();
    if (holds) return [];
  } catch (error) {
    return [invalidValue(rootPath(path), type, failureText(error, rule))];
  }
  // What was so before is not held against a change of something else.
  if (!usesOldSelf && old !== undefined && isDeepStrictEqual(value, old)) return [];
  const below = rule.fieldPath ? (pathOf(rule.fieldPath.trim(), schema) ?? "") : "";
  const field = path === "" ? below.replace(/^\./, "") : path + below;
  const own = message && budget.run(() => messageFrom(message, variables));
  const detail = own ?? defaultMessage(rule);
  return [errorFor(rule.reason, rootPath(field), type, detail)];
}

function pastOf(rule: ValidationRule, schema: CustomSchema, old: unknown): unknown {
  const value = old === undefined ? undefined : celValue(old, schema);
  if (!rule.optionalOldSelf) return value ?? null;
  return value === undefined ? Optional.none() : Optional.of(value);
}

/** A message that cannot be made is no reason to be silent: the rule's own takes its place. */
function messageFrom(message: ParseResult, variables: object): string | undefined {
  try {
    const text: unknown = message(variables as Record<string, unknown>);
    if (typeof text !== "string") return undefined;
    const trimmed = text.trim();
    const isUsable = trimmed !== "" && !trimmed.includes("\n");
    return isUsable && Buffer.byteLength(trimmed) <= MOST_MESSAGE_BYTES ? trimmed : undefined;
  } catch (error) {
    if (error instanceof EvaluationError) return undefined;
    throw error;
  }
}

function failureText(error: unknown, rule: ValidationRule): string {
  if (!(error instanceof Error)) throw error;
  const summary = error instanceof EvaluationError ? error.summary : error.message.split("\n")[0]!;
  const outside = /index out of bounds, index (-?\d+)/.exec(summary)?.[1];
  const name = ruleName(rule);
  if (summary === BUDGET_EXCEEDED) return summary;
  if (summary === CALL_COST_EXCEEDED) {
    return `'${summary}': no further validation rules will be run due to call cost exceeds limit for rule: ${name}`;
  }
  if (/^(no such overload|found no matching overload)/.test(summary)) {
    return `'no such overload': call arguments did not match a supported operator, function or macro signature for rule: ${name}`;
  }
  const words =
    outside === undefined
      ? summary.replace(/^No such key/, "no such key")
      : `index out of bounds: ${outside}`;
  return `${words} evaluating rule: ${name}`;
}

function defaultMessage(rule: ValidationRule): string {
  return rule.message?.trim() || `failed rule: ${ruleName(rule)}`;
}

function ruleName({ rule, message }: ValidationRule): string {
  return message?.trim() || rule.trim();
}

function errorFor(
  reason: string | undefined,
  field: string,
  type: string,
  detail: string,
): FieldError {
  switch (reason) {
    case "FieldValueForbidden":
      return forbidden(field, detail);
    case "FieldValueRequired":
      return required(field, detail);
    case "FieldValueDuplicate":
      return duplicate(field, type);
  }
  return invalidValue(field, type, detail);
}
