/**
 * JSON paths of printer columns: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`,
 * `.metadata.labels['a.b']`, `.spec.items[*].name`, `.spec.list[-1:]`.
 *
 * In Kubernetes: staging/src/k8s.io/client-go/util/jsonpath. Differs: no recursive descent (`..`), no range.
 */
export type JsonPath = (value: unknown) => unknown[];

type Step = JsonPath;

const TOKEN =
  /^(?:\.((?:\\.|[^.[\]\\])+)|\['((?:\\.|[^'\\])*)'\]|\["((?:\\.|[^"\\])*)"\]|\[\?\((.*?)\)\]|\[(\*|-?\d*(?::-?\d*)?)\]|\.\*)/;
const COMPARISON = /^@(.*?)\s*(==|!=|<=|>=|<|>)\s*(?:'([^']*)'|"([^"]*)"|([^\s'"]+))$/;

/** Compiled once. A path that cannot be read finds nothing. */
export function jsonPath(text: string): JsonPath {
  const steps = stepsOf(text);
  if (steps === undefined) return () => [];
  return (value) => steps.reduce<unknown[]>((found, step) => found.flatMap(step), [value]);
}

function stepsOf(text: string): Step[] | undefined {
  const steps: Step[] = [];
  for (let rest = text === "." ? "" : text; rest !== ""; ) {
    const token = TOKEN.exec(rest);
    if (token === null) return undefined;
    steps.push(stepOf(token));
    rest = rest.slice(token[0].length);
  }
  return steps;
}

function stepOf([whole, plain, single, double, filter, index]: RegExpExecArray): Step {
  if (whole === ".*" || index === "*" || plain === "*") return elementsOf;
  const name = plain ?? single ?? double;
  if (name !== undefined) return field(name.replace(/\\(.)/g, "$1"));
  return filter === undefined ? elements(index!) : filtered(filter);
}

function field(name: string): Step {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
    return Object.hasOwn(value, name) ? [(value as Record<string, unknown>)[name]] : [];
  };
}

function elementsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

/** "2", "-1", "1:3", "-2:". */
function elements(range: string): Step {
  const [from = "", to] = range.split(":");
  return (value) => {
    if (!Array.isArray(value)) return [];
    if (to === undefined) {
      const found = value.at(Number(from));
      return found === undefined ? [] : [found];
    }
    return value.slice(from === "" ? 0 : Number(from), to === "" ? undefined : Number(to));
  };
}

/** `@.type=="Ready"`, or `@.name` for whatever has a name. */
function filtered(condition: string): Step {
  const [, path, operator, single, double, bare] = COMPARISON.exec(condition) ?? [];
  const find = jsonPath((path ?? condition.replace(/^@/, "")).trim());
  const wanted = single ?? double ?? literal(bare ?? "");
  return (value) =>
    elementsOf(value).filter((one) => {
      const [found] = find(one);
      if (operator === undefined) return found !== undefined;
      return found !== undefined && compares(found, operator, wanted);
    });
}

function literal(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
}

function compares(found: unknown, operator: string, wanted: unknown): boolean {
  const [a, b] = [found, wanted] as [number, number];
  switch (operator) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
  }
  return a >= b;
}
