/**
 * matchConditions: expressions that must all hold before a webhook is called or a policy is asked. One that is
 * false settles it, even where another fails.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions/matcher.go
 */
import type { MatchCondition } from "kubernetes-types/admissionregistration/v1.js";
import { evaluationText } from "../../api/admissionregistration/cel/expression.ts";
import { type Expression, expressions } from "../../api/admissionregistration/expressions.ts";
import type { Names } from "./policy-names.ts";

interface Condition {
  expression: string;
  test: Expression;
}

export function compileConditions(conditions: MatchCondition[] = []): Condition[] {
  return conditions.map(({ expression }) => ({
    expression,
    test: expressions().compile(expression.trim()),
  }));
}

/** Whether they hold; a text: why that could not be found out. */
export async function conditionsHold(
  conditions: readonly Condition[],
  names: Names,
): Promise<boolean | string> {
  const failures: string[] = [];
  const budget = expressions().newBudget();
  for (const { expression, test } of conditions) {
    try {
      if ((await test(names, budget)) !== true) return false;
    } catch (error) {
      failures.push(`expression '${expression}' resulted in error: ${evaluationText(error)}`);
    }
  }
  if (failures.length === 0) return true;
  return failures.length === 1 ? failures[0]! : `[${failures.join(", ")}]`;
}
