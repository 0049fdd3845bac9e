/**
 * What an evaluation may cost, so that no expression holds up the server: each step costs one, and a function or an
 * operator also as much as what it is given is large.
 *
 * Its rule: who has spent the budget of a call, or of all calls for one object, gets an error whatever the expression
 * would have done with it.
 *
 * In Kubernetes: cel-go's CostTracker; PerCallLimit and RuntimeCELCostBudget in
 * staging/src/k8s.io/apiserver/pkg/apis/cel/config.go. Differs: the library counts nothing, so its steps are counted from
 * outside, and cost about what they cost there; nothing is estimated when an expression is declared.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type ASTNode, type Environment, EvaluationError } from "@marcbachmann/cel-js";

const CALL_LIMIT = 1_000_000;
const BUDGET = 10_000_000;
/** So many characters are looked at in one step. */
const PER_STEP = 10;
const OPERATORS = ["+", "==", "!=", "in", "<", "<=", ">", ">=", "call", "rcall"];

/** One call has cost too much. */
export const CALL_COST_EXCEEDED = "operation cancelled: actual cost limit exceeded";
/** All calls together have. */
export const BUDGET_EXCEEDED =
  "validation failed due to running out of cost budget, no further validation rules will be run";

/** What the expressions about one object may cost together. */
export class Budget {
  #left = BUDGET;
  #leftOfCall = CALL_LIMIT;

  /** Runs one expression at the cost of this budget. */
  run<T>(evaluate: () => T): T {
    this.#leftOfCall = CALL_LIMIT;
    return spending.run(this, evaluate);
  }

  spend(cost: number): void {
    this.#left -= cost;
    this.#leftOfCall -= cost;
    this.check();
  }

  get isOver(): boolean {
    return this.#left < 0 || this.#leftOfCall < 0;
  }

  /** Throws where too much was spent: an expression may have passed over that. */
  check(): void {
    if (this.#left < 0) throw ALL_SPENT;
    if (this.#leftOfCall < 0) throw SPENT;
  }
}

/** Thrown again and again while an expression comes to its end, so they are made once. */
const SPENT = new EvaluationError(CALL_COST_EXCEEDED);
const ALL_SPENT = new EvaluationError(BUDGET_EXCEEDED);
const spending = new AsyncLocalStorage<Budget>();

type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown;
interface Evaluated {
  evaluate: Evaluate;
}
type Node = Omit<ASTNode, "meta"> &
  Evaluated & { meta: Evaluated & { alternate?: Evaluated; macro?: Evaluated } };

/** From now on every step of every expression costs. A node of the library chooses how to evaluate when it first does. */
export function countSteps(environment: Environment): void {
  const prototype: Node = Object.getPrototypeOf(environment.parse("true").ast);
  prototype.evaluate = function (this: Node, evaluator, node, context) {
    const { alternate, macro, evaluate } = this.meta;
    const other = alternate ?? macro;
    this.evaluate = other
      ? counted((ev, _, ctx) => other.evaluate(ev, other, ctx), false)
      : counted(evaluate, OPERATORS.includes(this.op));
    return this.evaluate(evaluator, node, context);
  };
}

/** Whether the node above wants to know how large what it works on is, and how large that was so far. */
let isWanted = false;
let size = 0;

function counted(evaluate: Evaluate, looksAtAll: boolean): Evaluate {
  return (evaluator, node, context) => {
    const budget = spending.getStore();
    budget?.spend(1);
    const wasWanted = isWanted;
    const before = size;
    let own = 0;
    try {
      isWanted = looksAtAll;
      size = 0;
      const value = evaluate(evaluator, node, context);
      if (looksAtAll) budget?.spend(size);
      if (wasWanted) own = sizeOf(value);
      return value;
    } finally {
      isWanted = wasWanted;
      size = before + own;
    }
  };
}

const known = new WeakMap<object, number>();

/** How much there is to look at in a value, all of it; of one that was measured already, as it was then. */
function sizeOf(value: unknown): number {
  if (typeof value === "string" || value instanceof Uint8Array) return value.length / PER_STEP;
  if (typeof value !== "object" || value === null) return 1;
  let found = known.get(value);
  if (found === undefined) {
    found = 1;
    for (const part of partsOf(value)) found += sizeOf(part);
    known.set(value, found);
  }
  return found;
}

function partsOf(value: object): Iterable<unknown> {
  if (Array.isArray(value)) return value;
  return value instanceof Map ? value.values() : Object.values(value);
}
