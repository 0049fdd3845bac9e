/**
 * What is wrong with an expression, in the words of Kubernetes' CEL, with the place marked.
 *
 *   ERROR: <input>:1:5: undefined field 'foo'
 *    | self.foo
 *    | ....^
 *
 * In Kubernetes: github.com/google/cel-go/common/{error,errors}.go, checker/errors.go
 */
import { ParseError } from "@marcbachmann/cel-js";

/** An error of the library: it has a place, a code and a sentence. */
interface Fault {
  code?: string;
  summary?: string;
  message: string;
  range?: { start: number };
  node?: unknown;
}

const OPERATORS: Record<string, string> = { in: "@in", "!": "!_" };

export function compileErrorText(error: Fault, expression: string): string {
  const { sentence, at } = inOtherWords(error, expression);
  const before = expression.slice(0, at).split("\n");
  const line = before.length;
  const column = before.at(-1)!.length;
  const source = expression.split("\n")[line - 1] ?? "";
  const place = `<input>:${line}:${column + 1}`;
  return `compilation failed: ERROR: ${place}: ${sentence}\n | ${source}\n | ${".".repeat(column)}^`;
}

function inOtherWords(error: Fault, expression: string): { sentence: string; at: number } {
  const summary = error.summary ?? error.message;
  const at = error.range?.start ?? 0;
  const variable = /^Unknown variable: (.+)$/.exec(summary)?.[1];
  if (variable) return { sentence: `undeclared reference to '${variable}' (in container '')`, at };
  const field = /^No such key: (\w+)$/.exec(summary)?.[1];
  // CEL shows the dot before the field.
  if (field) return { sentence: `undefined field '${field}'`, at: Math.max(at - 1, 0) };
  const operation = /^no such overload: (\S+) (\S+) (\S+)$/.exec(summary);
  if (operation) {
    const [, left, operator, right] = operation as unknown as [string, string, string, string];
    const name = OPERATORS[operator] ?? `_${operator}_`;
    const sentence = `found no matching overload for '${name}' applied to '(${left}, ${right})'`;
    return { sentence, at: Math.max(expression.indexOf(operator, at), at) };
  }
  const call = /^found no matching overload for '(?:(\S+)\.)?(\w+)\((.*)\)'$/.exec(summary);
  if (call) {
    const [, receiver, name, args] = call;
    const applied = receiver === undefined ? `(${args})` : `${receiver}.(${args})`;
    const sentence = `found no matching overload for '${name}' applied to '${applied}'`;
    return { sentence, at: Math.max(expression.indexOf(`${name}(`, at) + name!.length, at) };
  }
  return { sentence: error instanceof ParseError ? `Syntax error: ${summary}` : summary, at };
}
