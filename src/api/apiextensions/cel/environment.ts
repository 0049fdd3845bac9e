/**
 * The CEL of Kubernetes: the language of the library, and the functions Kubernetes adds. Each rule is checked
 * in an environment that knows the types of its fields, and run in one that does not need to.
 *
 * `matches` is our own, for the library's would run Go's patterns as JavaScript's.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/cel/environment/base.go
 */
import { type ASTNode, Environment, serialize } from "@marcbachmann/cel-js";
import { matchesGo } from "../bounded-match.ts";
import { countSteps } from "./cost.ts";
import { registerFormat } from "./format.ts";
import { registerLists } from "./list-functions.ts";
import { registerQuantities } from "./quantity-functions.ts";
import { registerStrings } from "./string-functions.ts";
import { registerUrls } from "./url-functions.ts";

const MATCHES = "matchesGo";

let base: Environment | undefined;
let untyped: Environment | undefined;

/** One more environment of its own, to declare the types of a schema in. */
export function newEnvironment(): Environment {
  base ??= createBase();
  return base.clone();
}

/** Where rules are run. Values come as they are, and bring their types along. */
export function runEnvironment(): Environment {
  untyped ??= newEnvironment().registerVariable("self", "dyn").registerVariable("oldSelf", "dyn");
  return untyped;
}

function createBase(): Environment {
  const environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
  });
  countSteps(environment);
  registerLists(environment);
  registerStrings(environment);
  registerFormat(environment);
  registerUrls(environment);
  registerQuantities(environment);
  environment.registerFunction(`string.${MATCHES}(string): bool`, (text: string, pattern: string) =>
    matchesGo(pattern, text),
  );
  return environment;
}

/** The same expression with our `matches`. */
export function withGoPatterns(expression: string): string {
  const { ast } = runEnvironment().parse(expression);
  return usesMatches(ast) ? serialize(renamed(ast)) : expression;
}

function usesMatches(node: unknown): boolean {
  return some(node, ({ op, args }) => op === "rcall" && (args as unknown[])[0] === "matches");
}

/** Whether the expression speaks of a variable. */
export function mentions(expression: string, variable: string): boolean {
  const { ast } = runEnvironment().parse(expression);
  return some(ast, ({ op, args }) => op === "id" && args === variable);
}

function some(node: unknown, test: (node: ASTNode) => boolean): boolean {
  if (Array.isArray(node)) return node.some((one) => some(one, test));
  if (!isNode(node)) return false;
  return test(node) || some(node.args, test);
}

function renamed(node: ASTNode): ASTNode {
  const args = renamedArgs(node.args);
  const copy = Object.create(Object.getPrototypeOf(node), Object.getOwnPropertyDescriptors(node));
  const isMatch = node.op === "rcall" && (args as unknown[])[0] === "matches";
  const value = isMatch ? [MATCHES, ...(args as unknown[]).slice(1)] : args;
  return Object.defineProperty(copy, "args", { value, enumerable: true });
}

function renamedArgs(args: unknown): unknown {
  if (Array.isArray(args)) return args.map(renamedArgs);
  return isNode(args) ? renamed(args) : args;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}
