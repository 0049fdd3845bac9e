/**
 * What one policy, under one binding, finds wrong with a request: once for each of its parameters.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/policy/validating/validator.go, and
 * policy/generic/policy_dispatcher.go (CollectParams)
 */
import { evaluationText } from "../../api/admissionregistration/cel/expression.ts";
import { celObject } from "../../api/admissionregistration/cel/object-values.ts";
import {
  type Budget,
  type Expression,
  expressions,
} from "../../api/admissionregistration/expressions.ts";
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
  /** Which of the validations; undefined: none of them, the policy could not be asked as it should be. */
  index?: number;
}

/** What comes of asking a policy: what it finds wrong, and what it wants noted, by key. */
export interface Judgement {
  findings: Finding[];
  notes: [key: string, value: string][];
}

const MOST_NOTE_CHARACTERS = 10 * 1024;

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

export async function judgementOf(
  cached: CachedObject,
  binding: ValidatingAdmissionPolicyBinding,
  request: AdmissionRequest,
  kind: Kind,
  surroundings: PolicySurroundings,
): Promise<Judgement> {
  const policy = cached.object as ValidatingAdmissionPolicy;
  const isLenient = policy.spec.failurePolicy === "Ignore";
  let params: (Param | undefined)[];
  try {
    params = paramsOf(policy, binding, request, surroundings);
  } catch (error) {
    if (!(error instanceof ParamsError)) throw error;
    const message = `failed to configure binding: ${error.message}`;
    return { findings: isLenient ? [] : [{ message, reason: "Invalid" }], notes: [] };
  }
  const namespace = await namespaceOf(request, surroundings);
  const isNamespace = request.kind.group === "" && request.kind.plural === "namespaces";
  const { authorizer } = surroundings;
  const base = await namesOf(request, kind, authorizer, isNamespace ? undefined : namespace);
  const judgements: Judgement[] = [];
  for (const param of params) {
    const names = { ...base, params: param ? celObject(param.object, param.kind) : null };
    judgements.push(await judged(compiled(cached), names, isLenient));
  }
  return {
    findings: judgements.flatMap(({ findings }) => findings),
    notes: judgements.flatMap(({ notes }) => notes),
  };
}

async function judged(policy: Compiled, given: Names, isLenient: boolean): Promise<Judgement> {
  const held = await conditionsHold(policy.conditions, given);
  if (held === false || (held !== true && isLenient)) return { findings: [], notes: [] };
  if (held !== true) {
    return { findings: [{ message: held, reason: "Invalid", index: 0 }], notes: [] };
  }
  const budget = expressions().newBudget();
  const names = await withVariables(given, policy.variables, budget);
  const findings: Finding[] = [];
  for (const [index, one] of policy.validations.entries()) {
    const finding = await validated(one, names, isLenient, budget);
    if (finding !== undefined) findings.push({ ...finding, index });
  }
  const notes: Judgement["notes"] = [];
  for (const { key, value } of policy.annotations) {
    const told = await asked(value, names, budget);
    const text = typeof told.value === "string" ? told.value.trim() : "";
    if (text !== "") notes.push([key, text.slice(0, MOST_NOTE_CHARACTERS)]);
    if (told.error !== undefined && !isLenient) {
      findings.push({ message: told.error, reason: "Invalid" });
    }
  }
  return { findings, notes };
}

/** What is wrong by one validation. */
async function validated(
  { expression, test, message, reason, said }: Compiled["validations"][number],
  names: Names,
  isLenient: boolean,
  budget: Budget,
): Promise<Finding | undefined> {
  const answer = await asked(test, names, budget);
  if (answer.error !== undefined) {
    const text = `expression '${expression}' resulted in error: ${answer.error}`;
    return isLenient ? undefined : { message: text, reason: "Invalid" };
  }
  if (answer.value === true) return undefined;
  const own = said && (await asked(said, names, budget)).value;
  const text = typeof own === "string" && isUsable(own) ? own.trim() : message.trim();
  return { message: text || `failed expression: ${expression.trim()}`, reason };
}

function isUsable(message: string): boolean {
  return message.trim() !== "" && !message.trim().includes("\n");
}

interface Answer {
  value?: unknown;
  error?: string;
}

async function asked(expression: Expression, names: Names, budget: Budget): Promise<Answer> {
  try {
    return { value: await expression(names, budget) };
  } catch (error) {
    return { error: evaluationText(error) };
  }
}

/** One that cannot be worked out fails those who speak of it, and nobody else. */
async function withVariables(
  names: Names,
  variables: Compiled["variables"],
  budget: Budget,
): Promise<Names> {
  const values: Record<string, unknown> = {};
  const all = { ...names, variables: values };
  for (const { name, value } of variables) {
    const { value: known, error } = await asked(value, all, budget);
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
