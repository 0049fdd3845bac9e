/**
 * The way to the expressions of admission (CEL). Their library is loaded when first something is written or
 * judged that has some: `loadExpressions` before, `expressions` then.
 */

/** Which names an expression may use, besides object, oldObject, request and namespaceObject. */
export interface Speaks {
  hasParams?: boolean;
  hasAuthorizer?: boolean;
  /** Its earlier variables. */
  variables?: readonly string[];
}

/** What the expressions about one request may cost together. */
export type Budget = import("../apiextensions/cel/cost.ts").Budget;

/** An expression that can be asked. Throws what went wrong. */
export type Expression = (names: Record<string, unknown>, budget: Budget) => Promise<unknown>;

export interface Expressions {
  /** Why it cannot be used, or undefined. */
  wrongWith(expression: string, types: string[], speaks: Speaks): string | undefined;
  compile(expression: string): Expression;
  newBudget(): Budget;
}

let loaded: Expressions | undefined;

export async function loadExpressions(): Promise<void> {
  loaded ??= (await import("./cel/expression.ts")).admissionExpressions;
}

export function expressions(): Expressions {
  if (loaded === undefined) throw new Error("the expressions have not been loaded");
  return loaded;
}
