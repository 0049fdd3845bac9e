/**
 * Expressions of admission in CEL: checked where they are declared, run for each request. What they speak
 * of has no types of its own here, so a field that does not exist is found when it is looked for.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/cel/{compile,filter}.go
 */
import type { Environment, EvaluationError, ParseError } from "@marcbachmann/cel-js";
import { compileErrorText } from "../../apiextensions/cel/compile-error.ts";
import { Budget } from "../../apiextensions/cel/cost.ts";
import { newEnvironment, withGoPatterns } from "../../apiextensions/cel/environment.ts";
import type { Expressions, Speaks } from "../expressions.ts";
import { registerAuthorizer } from "./authorizer.ts";

const NAMES = ["object", "oldObject", "request", "namespaceObject"];

/** To Kubernetes these have types, so what is made of them may well be a bool. */
const TYPED = /\b(variables|request|namespaceObject)\b/;

let everything: Environment | undefined;

export const admissionExpressions: Expressions = {
  wrongWith(expression, types, speaks) {
    const { valid, type = "dyn", error } = environmentOf(speaks).check(expression);
    if (!valid) return compileErrorText(error as ParseError, expression);
    if (types.length === 0 || types.includes(type)) return undefined;
    if (type === "dyn" && TYPED.test(expression)) return undefined;
    const wanted = types.map((one) => (one === "null" ? "null_type" : one));
    return wanted.length === 1
      ? `must evaluate to ${wanted[0]}`
      : `must evaluate to one of [${wanted.join(" ")}]`;
  },
  compile(expression) {
    everything ??= environmentOf({ hasParams: true, hasAuthorizer: true, variables: [] });
    const parsed = everything.parse(withGoPatterns(expression));
    return async (names, budget) => {
      const value: unknown = await budget.run(() => parsed(names));
      budget.check();
      return value;
    };
  },
  newBudget: () => new Budget(),
};

function environmentOf({ hasParams, hasAuthorizer, variables }: Speaks): Environment {
  const environment = newEnvironment();
  registerAuthorizer(environment);
  for (const name of NAMES) environment.registerVariable(name, "dyn");
  if (hasParams) environment.registerVariable("params", "dyn");
  if (variables !== undefined) registerVariables(environment, variables);
  if (hasAuthorizer)
    environment.registerVariable("authorizer", "kubernetes.authorization.Authorizer");
  return environment;
}

/** To be run, any name will do; to be checked, those that are declared. */
export function registerVariables(environment: Environment, names: readonly string[]): void {
  const type = names.length === 0 ? "dyn" : "kubernetes.variables";
  const schema = Object.fromEntries(names.map((one) => [one, "dyn"]));
  if (names.length > 0) environment.registerType({ name: type, schema });
  environment.registerVariable("variables", type);
}

/** What went wrong while an expression was run, in the words of Kubernetes' CEL. */
export function evaluationText(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  const summary = (error as EvaluationError).summary ?? error.message.split("\n")[0]!;
  const outside = /index out of bounds, index (-?\d+)/.exec(summary)?.[1];
  if (outside !== undefined) return `index out of bounds: ${outside}`;
  if (/^(no such overload|found no matching overload)/.test(summary)) return "no such overload";
  return summary.replace(/^No such key/, "no such key");
}
