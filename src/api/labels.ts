/**
 * Labels, and the selectors that choose among objects by them: "app=web,tier!=db,env in (a,b),!old".
 * A selector is a list of requirements that must all hold; the empty one holds for everything.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/labels/selector.go
 */
export type Labels = Record<string, string>;

export type Operator = "=" | "==" | "!=" | "in" | "notin" | "exists" | "!" | "gt" | "lt";

export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  /** In order, each once. */
  readonly values: readonly string[];
}

/** All requirements must hold. */
export type Selector = readonly Requirement[];

export const everything: Selector = [];

/** Whether all that a map of labels asks for is there. An empty map asks for nothing. */
export function matchesLabels(wanted: Labels, labels: Labels = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

export function matchesSelector(selector: Selector, labels: Labels = {}): boolean {
  return selector.every((requirement) => holds(requirement, labels));
}

function holds({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labels[key];
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
    case "gt":
      return isWholeNumber(value) && BigInt(value) > BigInt(values[0]!);
    case "lt":
      return isWholeNumber(value) && BigInt(value) < BigInt(values[0]!);
  }
}

export function isWholeNumber(text: string | undefined): text is string {
  return text !== undefined && /^-?[0-9]+$/.test(text);
}

/** The canonical text: sorted by key, one operator for each meaning. */
export function formatSelector(selector: Selector): string {
  return selector
    .toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(formatRequirement)
    .join(",");
}

function formatRequirement({ key, operator, values }: Requirement): string {
  const list = values.toSorted().join(",");
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${list})`;
    case "gt":
      return `${key}>${list}`;
    case "lt":
      return `${key}<${list}`;
    default:
      return `${key}${operator}${list}`;
  }
}
