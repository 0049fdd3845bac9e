/**
 * What becomes of a word before a command gets it: variables, $(commands), $((sums)), quotes.
 */
import { endOfParentheses } from "./parser.ts";

export interface WordContext {
  variable(name: string): string | undefined;
  /** The output of a command, without line ends at its end. */
  output(script: string): Promise<string>;
}

const VARIABLE =
  /^\$(?:([A-Za-z_]\w*|[?$#@*0-9!])|\{([A-Za-z_]\w*|[?$#@*0-9])(?::?([-=+])([^}]*))?\})/;

/** The fields a word stands for: what is not in quotes is split at blanks. */
export async function fieldsOf(word: string, context: WordContext): Promise<string[]> {
  const fields: string[] = [];
  let current: string | undefined;
  const add = (text: string, isQuoted: boolean) => {
    if (isQuoted) {
      current = (current ?? "") + text;
      return;
    }
    const parts = text.split(/[ \t\n]+/);
    parts.forEach((part, index) => {
      if (index > 0 && current !== undefined) {
        fields.push(current);
        current = undefined;
      }
      if (part !== "") current = (current ?? "") + part;
    });
  };
  for (let at = 0; at < word.length; ) {
    const rest = word.slice(at);
    const quoted = /^'([^']*)'|^\\([\s\S])/.exec(rest);
    if (quoted) {
      add(quoted[1] ?? quoted[2] ?? "", true);
      at += quoted[0].length;
    } else if (rest.startsWith('"')) {
      const { text, length } = await inQuotes(rest, context);
      add(text, true);
      at += length;
    } else {
      const found = await substitution(rest, context);
      if (found) add(found.text, false);
      else add(rest[0]!, true);
      at += found?.length ?? 1;
    }
  }
  if (current !== undefined) fields.push(current);
  return fields;
}

/** The same as one string: for assignments and targets of redirects. */
export async function textOf(word: string, context: WordContext): Promise<string> {
  return (await fieldsOf(word.replace(/^(?!["'])/, ""), context)).join(" ");
}

async function inQuotes(text: string, context: WordContext) {
  let result = "";
  let at = 1;
  while (at < text.length && text[at] !== '"') {
    const rest = text.slice(at);
    const escaped = /^\\(["\\$`])/.exec(rest);
    const found = escaped
      ? { text: escaped[1]!, length: 2 }
      : ((await substitution(rest, context)) ?? { text: rest[0]!, length: 1 });
    result += found.text;
    at += found.length;
  }
  return { text: result, length: at + 1 };
}

/** The substitution `text` begins with, if it does. */
async function substitution(
  text: string,
  context: WordContext,
): Promise<{ text: string; length: number } | undefined> {
  if (text.startsWith("$(")) {
    const end = endOfParentheses(text);
    const inner = text.slice(2, end);
    const isSum = inner.startsWith("(") && inner.endsWith(")");
    const result = isSum ? String(sum(inner.slice(1, -1), context)) : await context.output(inner);
    return { text: result, length: end + 1 };
  }
  if (text.startsWith("`")) {
    const end = text.indexOf("`", 1);
    return { text: await context.output(text.slice(1, end)), length: end + 1 };
  }
  const match = VARIABLE.exec(text);
  if (!match) return undefined;
  const value = context.variable(match[1] ?? match[2]!);
  const [, , , operator, word = ""] = match;
  const isSet = value !== undefined && value !== "";
  if (operator === "+") return { text: isSet ? word : "", length: match[0].length };
  const text1 = isSet || operator === undefined ? (value ?? "") : word;
  return { text: text1, length: match[0].length };
}

/** $((...)): whole numbers, + - * / %, comparisons, parentheses. */
export function sum(expression: string, context: WordContext): number {
  const tokens = expression.match(/\d+|[A-Za-z_]\w*|[<>=!]=|[-+*/%()<>]/g) ?? [];
  let at = 0;
  const levels: Record<string, (a: number, b: number) => number>[] = [
    {
      "==": (a, b) => Number(a === b),
      "!=": (a, b) => Number(a !== b),
      "<=": (a, b) => Number(a <= b),
      ">=": (a, b) => Number(a >= b),
      "<": (a, b) => Number(a < b),
      ">": (a, b) => Number(a > b),
    },
    { "+": (a, b) => a + b, "-": (a, b) => a - b },
    { "*": (a, b) => a * b, "/": (a, b) => divide(a, b), "%": (a, b) => a % b },
  ];
  const level = (depth: number): number => {
    if (depth === levels.length) return atom();
    let left = level(depth + 1);
    for (
      let apply = levels[depth]![tokens[at] ?? ""];
      apply;
      apply = levels[depth]![tokens[at] ?? ""]
    ) {
      at++;
      left = apply(left, level(depth + 1));
    }
    return left;
  };
  const atom = (): number => {
    const token = tokens[at++] ?? "0";
    if (token === "-") return -atom();
    if (token === "(") {
      const inner = level(0);
      at++;
      return inner;
    }
    return /^\d/.test(token) ? Number(token) : Number(context.variable(token) ?? "0") || 0;
  };
  return level(0);
}

function divide(a: number, b: number): number {
  if (b === 0) throw new Error("arithmetic syntax error: divide by zero");
  return Math.trunc(a / b);
}
