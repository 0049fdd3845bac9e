/**
 * Whether a definition gets the names it asks for: no other definition of its group may have them. What it
 * has once been given it keeps.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/controller/status/naming_controller.go
 */
import {
  type Condition,
  type CustomResourceDefinition,
  type CustomResourceDefinitionNames,
  conditionOf,
} from "../../api/apiextensions/custom-resource-definition.ts";

export interface Verdict {
  acceptedNames: CustomResourceDefinitionNames;
  namesAccepted: Condition;
  established: Condition;
}

type Names = Partial<CustomResourceDefinitionNames>;

interface Used {
  resources: Set<string>;
  kinds: Set<string>;
}

/** `others` are all other definitions. */
export function judgeNames(
  definition: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
): Verdict {
  const used = namesOf(others.filter(({ spec }) => spec.group === definition.spec.group));
  const { names } = definition.spec;
  const old: Names = definition.status?.acceptedNames ?? {};
  const accepted: Names = { ...old };
  const conflicts: [reason: string, message: string][] = [];
  const take = <F extends keyof Names>(field: F, reason: string, taken: Set<string>) => {
    const wanted = (names[field] ?? "") as string;
    if (wanted === old[field] || !taken.has(wanted)) accepted[field] = names[field]!;
    else conflicts.push([reason, `${JSON.stringify(wanted)} is already in use`]);
  };
  take("plural", "PluralConflict", used.resources);
  take("singular", "SingularConflict", used.resources);
  const clashes = (names.shortNames ?? [])
    .filter((name) => !old.shortNames?.includes(name) && used.resources.has(name))
    .map((name) => `${JSON.stringify(name)} is already in use`);
  if (clashes.length === 0) setList(accepted, "shortNames", names.shortNames);
  else {
    const all = clashes.length === 1 ? clashes[0]! : `[${clashes.join(", ")}]`;
    conflicts.push(["ShortNamesConflict", all]);
  }
  take("kind", "KindConflict", used.kinds);
  take("listKind", "ListKindConflict", used.kinds);
  setList(accepted, "categories", names.categories);
  const namesAccepted = namesCondition(conflicts);
  return {
    acceptedNames: accepted as CustomResourceDefinitionNames,
    namesAccepted,
    established: establishedCondition(definition, namesAccepted),
  };
}

function setList(accepted: Names, field: "shortNames" | "categories", list: string[] | undefined) {
  if (list?.length) accepted[field] = list;
  else delete accepted[field];
}

function namesOf(definitions: readonly CustomResourceDefinition[]): Used {
  const used: Used = { resources: new Set(), kinds: new Set() };
  for (const { status } of definitions) {
    const {
      plural,
      singular,
      shortNames = [],
      kind,
      listKind,
    } = (status?.acceptedNames ?? {}) as Names;
    for (const name of [plural, singular, ...shortNames]) if (name) used.resources.add(name);
    for (const name of [kind, listKind]) if (name) used.kinds.add(name);
  }
  return used;
}

/** Of several conflicts the last is told. */
function namesCondition(conflicts: [reason: string, message: string][]): Condition {
  const conflict = conflicts.at(-1);
  if (conflict !== undefined) {
    const [reason, message] = conflict;
    return { type: "NamesAccepted", status: "False", reason, message };
  }
  const message = "no conflicts found";
  return { type: "NamesAccepted", status: "True", reason: "NoConflicts", message };
}

/** What is established stays so. Otherwise it still has to be installed. */
function establishedCondition(
  definition: CustomResourceDefinition,
  { status }: Condition,
): Condition {
  const type = "Established";
  const old = conditionOf(definition, type);
  if (old?.status === "True") return old;
  if (status === "True") {
    const message = "the initial names have been accepted";
    return { type, status: "False", reason: "Installing", message };
  }
  if (old !== undefined) return old;
  return { type, status: "False", reason: "NotAccepted", message: "not all names are accepted" };
}

/** Whether `definition` shows this verdict already. */
export function shows(definition: CustomResourceDefinition, verdict: Verdict): boolean {
  const { acceptedNames } = definition.status ?? {};
  const isSame = (condition: Condition) => {
    const { lastTransitionTime: _, ...old } = conditionOf(definition, condition.type) ?? {};
    const { lastTransitionTime: __, ...now } = condition;
    return sorted(old) === sorted(now);
  };
  return (
    sorted(acceptedNames ?? {}) === sorted(verdict.acceptedNames) &&
    isSame(verdict.namesAccepted) &&
    isSame(verdict.established)
  );
}

function sorted(fields: object): string {
  return JSON.stringify(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
