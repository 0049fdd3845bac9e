/**
 * Functions of strings that the library lacks: charAt, replace, find, findAll.
 *
 * In Kubernetes: github.com/google/cel-go/ext/strings.go; staging/src/k8s.io/apiserver/pkg/cel/library/regex.go
 */
import { type Environment, EvaluationError } from "@marcbachmann/cel-js";
import { boundedly } from "../bounded-match.ts";

export function registerStrings(environment: Environment): void {
  environment
    .registerFunction("string.charAt(int): string", charAt)
    .registerFunction(
      "string.replace(string, string): string",
      (text: string, from: string, to: string) => text.replaceAll(from, () => to),
    )
    .registerFunction("string.replace(string, string, int): string", replaceSome)
    .registerFunction(
      "string.find(string): string",
      (text: string, pattern: string) => found(text, pattern)[0] ?? "",
    )
    .registerFunction("string.findAll(string): list<string>", (text: string, pattern: string) =>
      found(text, pattern),
    )
    .registerFunction(
      "string.findAll(string, int): list<string>",
      (text: string, pattern: string, most: bigint) =>
        most < 0n ? found(text, pattern) : found(text, pattern).slice(0, Number(most)),
    );
}

function charAt(text: string, index: bigint): string {
  const characters = [...text];
  if (index < 0n || index > BigInt(characters.length)) {
    throw new EvaluationError(`index out of range: ${index}`);
  }
  return characters[Number(index)] ?? "";
}

function replaceSome(text: string, from: string, to: string, most: bigint): string {
  if (most < 0n) return text.replaceAll(from, () => to);
  let left = Number(most);
  return text.replaceAll(from, (same) => (left-- > 0 ? to : same));
}

function found(text: string, pattern: string): string[] {
  return boundedly(pattern, text, ({ source, flags }) =>
    [...text.matchAll(new RegExp(source, `${flags}g`))].map(([match]) => match),
  );
}
