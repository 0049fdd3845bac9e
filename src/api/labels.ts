/**
 * Labels, and the selectors that choose among objects by them: "app=web,tier!=db,env in (a,b),!old".
 * A selector is a list of requirements that must all hold; the empty one holds for everything.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/labels/selector.go
 */
import type { LabelSelector } from "kubernetes-types/meta/v1.js";
import { parseSelector } from "./label-selector-parser.ts";
import { isInteger } from "./names.ts";

export type Labels = Record<string, string>;

export type Operator = "=" | "==" | "!=" | "in" | "notin" | "exists" | "!" | ">" | "<";

export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  /** In order, each once. */
  readonly values: readonly string[];
}

/** All requirements must hold. */
export type Selector = readonly Requirement[];

export type LabelMatcher = (labels?: Labels) => boolean;

/** Reads "a=b,c in (d,e)". Throws a SyntaxError with Kubernetes' message. */
export function parseLabelSelector(text: string): LabelMatcher {
  const selector = parseSelector(text);
  return (labels) => matchesSelector(selector, labels);
}

/** What a LabelSelector of a spec matches: without one nothing, with an empty one everything. */
export function labelMatcher(from: LabelSelector | undefined): LabelMatcher {
  if (from === undefined) return () => false;
  const selector = selectorOf(from);
  return (labels) => matchesSelector(selector, labels);
}

/** What the plain map of a service or a replication controller matches. */
export function equalitySelector(wanted: Labels): LabelMatcher {
  const pairs = Object.entries(wanted);
  return (labels = {}) => pairs.every(([key, value]) => labels[key] === value);
}

/** Whether all that a map of labels asks for is there. An empty map asks for nothing. */
export function matchesLabels(wanted: Labels, labels: Labels = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

export function matchesSelector(selector: Selector, labels: Labels = {}): boolean {
  return selector.every((requirement) => holds(requirement, labels));
}

const operators: Record<string, Operator> = {
  In: "in",
  NotIn: "notin",
  Exists: "exists",
  DoesNotExist: "!",
};

/** Throws a SyntaxError for an operator that does not exist; validation lets none through. */
export function selectorOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): Selector {
  const equalities = Object.entries(matchLabels).map(
    ([key, value]): Requirement => ({ key, operator: "=", values: [value] }),
  );
  const expressions = matchExpressions.map(({ key, operator: name, values = [] }): Requirement => {
    const operator = operators[name];
    if (operator === undefined) {
      throw new SyntaxError(`${JSON.stringify(name)} is not a valid label selector operator`);
    }
    return { key, operator, values: [...new Set(values)].toSorted() };
  });
  return [...equalities, ...expressions];
}

/** The canonical text: sorted by key. */
export function formatSelector(selector: Selector): string {
  return selector
    .toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(formatRequirement)
    .join(",");
}

function holds({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "=":
    case "==":
    case "in":
      return value !== undefined && values.includes(value);
    case "!=":
    case "notin":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    case ">":
      return isInteger(value) && BigInt(value) > BigInt(values[0]!);
    case "<":
      return isInteger(value) && BigInt(value) < BigInt(values[0]!);
  }
}

function formatRequirement({ key, operator, values }: Requirement): string {
  if (operator === "exists") return key;
  if (operator === "!") return `!${key}`;
  const list = values.toSorted().join(",");
  const isSet = operator === "in" || operator === "notin";
  return isSet ? `${key} ${operator} (${list})` : `${key}${operator}${list}`;
}
