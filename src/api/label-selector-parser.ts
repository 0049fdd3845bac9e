/**
 * Reads label selectors as text:
 *
 *   selector    = requirement { "," requirement }
 *   requirement = ["!"] key | key ("=" | "==" | "!=" | ">" | "<") [value]
 *               | key ("in" | "notin") "(" [value] { "," [value] } ")"
 *
 * A value may be left out and is then empty; "in" and "notin" are words only between key and list.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/labels/selector.go (Parser, Lexer)
 */
import type { Operator, Requirement, Selector } from "./labels.ts";
import { isInteger, labelValueErrors, qualifiedNameErrors } from "./names.ts";

/** Throws a SyntaxError with Kubernetes' message. */
export function parseSelector(text: string): Selector {
  return new Parser(text).selector();
}

const binaryOperators = ["=", "==", "!=", "in", "notin", ">", "<"];
const symbols = [...binaryOperators, "!", "(", ")", ","];

/** The empty word stands for the end. */
const END = "";

class Parser {
  readonly #words: string[];
  #next = 0;

  constructor(text: string) {
    this.#words = text.match(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g) ?? [];
  }

  selector(): Selector {
    const requirements: Requirement[] = [];
    while (this.#peek() !== END) {
      if (!this.#isKeyOrNot()) {
        throw found(this.#peek(), ", expected: !, identifier, or 'end of string'");
      }
      requirements.push(this.#requirement());
      const separator = this.#take();
      if (separator === END) break;
      if (separator !== ",") throw found(separator, ", expected: ',' or 'end of string'");
      if (!this.#isKeyOrNot()) throw found(this.#peek(), ", expected: identifier after ','");
    }
    return requirements.toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  }

  #requirement(): Requirement {
    try {
      return this.#unwrappedRequirement();
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new SyntaxError(`unable to parse requirement: ${error.message}`);
    }
  }

  #unwrappedRequirement(): Requirement {
    const isNegated = this.#peek() === "!";
    if (isNegated) this.#take();
    const key = this.#take();
    if (!isIdentifier(key)) throw found(key, ", expected: identifier");
    const wrong = qualifiedNameErrors(key);
    if (wrong.length > 0) throw invalid("<nil>", key, wrong.join("; "));

    const isAlone = [END, ","].includes(this.#peek());
    if (isNegated) return { key, operator: "!", values: [] };
    if (isAlone) return { key, operator: "exists", values: [] };
    const operator = this.#operator();
    const isSet = operator === "in" || operator === "notin";
    const values = isSet ? this.#values() : [this.#exactValue()];
    checkValues(key, operator, values);
    return { key, operator, values };
  }

  #operator(): Operator {
    const word = this.#take();
    if (binaryOperators.includes(word)) return word as Operator;
    throw found(word, ", expected: '=', '!=', '==', 'in', notin'");
  }

  #exactValue(): string {
    if ([END, ","].includes(this.#peek())) return "";
    const value = this.#take();
    if (!isIdentifier(value)) throw found(value, ", expected: identifier");
    return value;
  }

  #values(): string[] {
    const open = this.#take();
    if (open !== "(") throw found(open, " expected: '('");
    const first = this.#peek();
    if (first !== ")" && first !== "," && !isIdentifier(first)) {
      throw found(first, ", expected: ',', ')' or identifier");
    }
    const values = new Set<string>();
    for (;;) {
      values.add(isIdentifier(this.#peek()) ? this.#take() : "");
      const separator = this.#take();
      if (separator === ")") return [...values].toSorted();
      if (separator !== ",") throw found(separator, ", expected: ',' or ')'");
      const next = this.#peek();
      const isValueOrGap = isIdentifier(next) || next === "," || next === ")";
      if (!isValueOrGap) throw found(next, ", expected: ',', or identifier");
    }
  }

  #isKeyOrNot(): boolean {
    return this.#peek() === "!" || isIdentifier(this.#peek());
  }

  #peek(): string {
    return this.#words[this.#next] ?? END;
  }

  #take(): string {
    return this.#words[this.#next++] ?? END;
  }
}

/** Where a key or a value may stand, "in" and "notin" are names like others. */
function isIdentifier(word: string): boolean {
  return word !== END && (word === "in" || word === "notin" || !symbols.includes(word));
}

function checkValues(key: string, operator: Operator, values: string[]): void {
  const isOrder = operator === ">" || operator === "<";
  const errors = values.flatMap((value, index) => {
    const path = `values[${index}]`;
    const wrong = labelValueErrors(value);
    const why = "for 'Gt', 'Lt' operators, the value must be an integer";
    return [
      ...(isOrder && !isInteger(value) ? [invalid(path, value, why)] : []),
      ...(wrong.length > 0 ? [invalid(`${path}[${key}]`, value, wrong.join("; "))] : []),
    ];
  });
  if (errors.length === 1) throw errors[0]!;
  if (errors.length > 1) {
    throw new SyntaxError(`[${errors.map(({ message }) => message).join(", ")}]`);
  }
}

function found(word: string, expected: string): SyntaxError {
  return new SyntaxError(`found '${word}'${expected}`);
}

function invalid(path: string, value: string, why: string): SyntaxError {
  return new SyntaxError(`${path}: Invalid value: ${JSON.stringify(value)}: ${why}`);
}
