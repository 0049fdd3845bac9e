/**
 * What is wrong with a configuration before it is applied: fields the schema does not know, values of
 * another type, elements of lists that cannot be told apart.
 *
 * In Kubernetes: sigs.k8s.io/structured-merge-diff/typed/validate.go
 */
import type { Schema } from "../../api/schema.ts";
import { fieldOf } from "../../api/schema.ts";
import { isObject } from "../decode/typed-value.ts";
import { elementStep, fieldStep, pathText, StepError, stepText } from "./step.ts";

/** Every error, as the answer words them together; undefined: there is none. */
export function configErrors(schema: Schema, config: unknown): string | undefined {
  const found: string[] = [];
  check(schema, config, [], found);
  if (found.length < 2) return found[0];
  return ["errors:", ...found.map((error) => `  ${error}`)].join("\n");
}

function check(schema: Schema, value: unknown, path: string[], found: string[]): void {
  if (value === null || value === undefined) return;
  const report = (why: string) => void found.push(`${pathText(path)}: ${why}`);
  switch (schema.type) {
    case "object":
    case "map":
      if (isObject(value)) checkMap(schema, value, path, found);
      else report(`expected map, got &{${goText(value)}}`);
      return;
    case "array":
      if (Array.isArray(value)) checkList(schema, value, path, found);
      else report(`expected list, got &{${goText(value)}}`);
      return;
    default: {
      const why = scalarError(schema, value);
      if (why !== undefined) report(why);
    }
  }
}

function checkMap(
  schema: Schema,
  value: Record<string, unknown>,
  path: string[],
  found: string[],
): void {
  for (const [key, inner] of Object.entries(value)) {
    const field = fieldOf(schema, key);
    const at = [...path, fieldStep(key)];
    if (field === undefined) found.push(`${pathText(at)}: field not declared in schema`);
    else check(field, inner, at, found);
  }
}

function checkList(schema: Schema, value: unknown[], path: string[], found: string[]): void {
  const seen = new Set<string>();
  for (const [index, element] of value.entries()) {
    const step = stepOf(schema, element, index);
    if (step instanceof StepError) {
      found.push(`${pathText(path)}: element ${index}: ${step.message}`);
      continue;
    }
    if (seen.has(step)) {
      found.push(`${pathText(path)}: duplicate entries for key ${stepText(step)}`);
    }
    seen.add(step);
    check(schema.items!, element, [...path, step], found);
  }
}

function stepOf(schema: Schema, element: unknown, index: number): string | StepError {
  if (schema.listType !== "map" && schema.listType !== "set") return `i:${index}`;
  try {
    return elementStep(schema, element);
  } catch (error) {
    if (error instanceof StepError) return error;
    throw error;
  }
}

function scalarError({ type, format }: Schema, value: unknown): string | undefined {
  // Those that may be a number or a string.
  if (format === "int-or-string" || format === "quantity") return undefined;
  switch (type) {
    case "integer":
    case "number":
      if (typeof value === "number") return undefined;
      return `expected numeric (int or float), got ${goType(value)}`;
    case "string":
      return typeof value === "string" ? undefined : `expected string, got ${goSyntax(value)}`;
    case "boolean":
      return typeof value === "boolean" ? undefined : `expected boolean, got ${goSyntax(value)}`;
    default:
      return undefined;
  }
}

const MAP = "map[string]interface {}";
const LIST = "[]interface {}";

function goType(value: unknown): string {
  if (Array.isArray(value)) return LIST;
  if (typeof value === "object") return MAP;
  return typeof value === "boolean" ? "bool" : "string";
}

/** As %#v. */
function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `${LIST}{${value.map(goSyntax).join(", ")}}`;
  if (!isObject(value)) return value === null ? "interface {}(nil)" : JSON.stringify(value);
  const keys = Object.keys(value).toSorted();
  return `${MAP}{${keys.map((key) => `${JSON.stringify(key)}:${goSyntax(value[key])}`).join(", ")}}`;
}

/** As %v. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (!isObject(value)) return value === null ? "<nil>" : String(value);
  const keys = Object.keys(value).toSorted();
  return `map[${keys.map((key) => `${key}:${goText(value[key])}`).join(" ")}]`;
}
