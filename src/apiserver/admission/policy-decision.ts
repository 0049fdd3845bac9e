/**
 * What one policy, under one binding, finds wrong with a request: once for each of its parameters.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/policy/validating/validator.go, and
 * policy/generic/policy_dispatcher.go (CollectParams)
 */
import { evaluationText } from "../../api/admissionregistration/cel/expression.ts";
import { celObject } from "../../api/admissionregistration/cel/object-values.ts";
import { type Expression, expressions } from "../../api/admissionregistration/expressions.ts";
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "../../api/admissionregistration/validating-admission-policy.ts";
import type { Kind } from "../../api/kind.ts";
import type { CachedObject } from "../storage/cached-object.ts";
import type { AdmissionRequest } from "./admission.ts";
import { compileConditions, conditionsHold } from "./policy-conditions.ts";
import { type Names, namesOf } from "./policy-names.ts";
import { type Param, ParamsError, paramsOf } from "./policy-params.ts";
import type { PolicySurroundings } from "./policy-validating.ts";
import { namespaceOf } from "./webhook-match.ts";

export interface Finding {
  message: string;
  reason: string;
  /** Not the request is wrong, but the policy could not be asked. */
  isFailure: boolean;
}

interface Compiled {
  conditions: ReturnType<typeof compileConditions>;
  variables: { name: string; value: Expression }[];
  validations: {
    expression: string;
    test: Expression;
    message: string;
    reason: string;
    said: Expression | undefined;
  }[];
  annotations: { key: string; value: Expression }[];
}

const known = new WeakMap<CachedObject, Compiled>();

function compiled(cached: CachedObject): Compiled {
  const found = known.get(cached);
  if (found !== undefined) return found;
  const { spec } = cached.object as ValidatingAdmissionPolicy;
  const compile = (text: string) => expressions().compile(text.trim());
  const made: Compiled = {
    conditions: compileConditions(spec.matchConditions),
    variables: (spec.variables ?? []).map(({ name, expression }) => ({
      name,
      value: compile(expression),
    })),
    validations: (spec.validations ?? []).map((one) => ({
      expression: one.expression,
      test: compile(one.expression),
      message: one.message ?? "",
      reason: one.reason ?? "Invalid",
      said: one.messageExpression ? compile(one.messageExpression) : undefined,
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      value: compile(valueExpression),
    })),
  };
  known.set(cached, made);
  return made;
}

export async function findingsOf(
  cached: CachedObject,
  binding: ValidatingAdmissionPolicyBinding,
  request: AdmissionRequest,
  kind: Kind,
  surroundings: PolicySurroundings,
): Promise<Finding[]> {
  const policy = cached.object as ValidatingAdmissionPolicy;
  const isLenient = policy.spec.failurePolicy === "Ignore";
  let params: (Param | undefined)[];
  try {
    params = paramsOf(policy, binding, request, surroundings);
  } catch (error) {
    if (!(error instanceof ParamsError)) throw error;
    const message = `failed to configure binding: ${error.message}`;
    return isLenient ? [] : [{ message, reason: "Invalid", isFailure: true }];
  }
  const namespace = await namespaceOf(request, surroundings);
  const isNamespace = request.kind.group === "" && request.kind.plural === "namespaces";
  const { authorizer } = surroundings;
  const base = await namesOf(request, kind, authorizer, isNamespace ? undefined : namespace);
  const findings: Finding[] = [];
  for (const param of params) {
    const names = { ...base, params: param ? celObject(param.object, param.kind) : null };
    findings.push(...(await evaluate(compiled(cached), names, isLenient, policy, request)));
  }
  return findings;
}

async function evaluate(
  { conditions, variables, validations, annotations }: Compiled,
  given: Names,
  isLenient: boolean,
  policy: ValidatingAdmissionPolicy,
  request: AdmissionRequest,
): Promise<Finding[]> {
  const held = await conditionsHold(conditions, given);
  if (typeof held === "string") {
    return isLenient ? [] : [{ message: held, reason: "Invalid", isFailure: true }];
  }
  if (!held) return [];
  const names = await withVariables(given, variables);
  const findings: Finding[] = [];
  for (const { expression, test, message, reason, said } of validations) {
    const answer = await asked(test, names);
    if (answer.error !== undefined) {
      const text = `expression '${expression}' resulted in error: ${answer.error}`;
      if (!isLenient) findings.push({ message: text, reason: "Invalid", isFailure: true });
    } else if (answer.value !== true) {
      const own = said && (await asked(said, names)).value;
      const text = typeof own === "string" && isUsable(own) ? own.trim() : message.trim();
      const fallback = `failed expression: ${expression.trim()}`;
      findings.push({ message: text || fallback, reason, isFailure: false });
    }
  }
  for (const { key, value } of annotations) {
    const told = await asked(value, names);
    if (typeof told.value !== "string" || told.value === "") continue;
    request.annotate?.(`${policy.metadata.name}/${key}`, told.value);
  }
  return findings;
}

function isUsable(message: string): boolean {
  return message.trim() !== "" && !message.trim().includes("\n");
}

interface Answer {
  value?: unknown;
  error?: string;
}

async function asked(expression: Expression, names: Names): Promise<Answer> {
  try {
    return { value: await expression(names) };
  } catch (error) {
    return { error: evaluationText(error) };
  }
}

/** One that cannot be worked out fails those who speak of it, and nobody else. */
async function withVariables(names: Names, variables: Compiled["variables"]): Promise<Names> {
  const values: Record<string, unknown> = {};
  const all = { ...names, variables: values };
  for (const { name, value } of variables) {
    const { value: known, error } = await asked(value, all);
    Object.defineProperty(values, name, {
      enumerable: true,
      get() {
        if (error !== undefined)
          throw new Error(`composited variable "${name}" fails to evaluate: ${error}`);
        return known;
      },
    });
  }
  return all;
}
