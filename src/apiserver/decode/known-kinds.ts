/**
 * Which kinds the Kubernetes API has, served here or not: an object of a known kind at the wrong
 * path is refused in other words than one of no kind at all.
 *
 * In Kubernetes: the scheme (pkg/api/legacyscheme), apimachinery/pkg/runtime/error.go.
 */
import { apiVersionOf } from "../../api/kind.ts";
import { kindOfSchema, schemaNames } from "../../api/schema.ts";

/** What an object says it is. */
export interface ActualKind {
  group: string;
  version: string;
  kind: string;
}

let known: Set<string> | undefined;

/** Why one cannot become the other, if so. The same kind in another version of its group can. */
export function whyNotOfKind(
  actual: ActualKind,
  expected: ActualKind & { schema: string },
): string | undefined {
  const isSameKind = actual.kind === expected.kind;
  if (isSameKind && actual.group === expected.group && actual.version === expected.version) {
    return undefined;
  }
  if (!isKnown(actual) && expected.schema !== "") return notRegistered(actual);
  if (isSameKind) return undefined;
  const from = `${actual.version}.${actual.kind}`;
  return `converting (${from}) to (${hubPackageOf(expected)}.${expected.kind}): unknown conversion`;
}

export function notRegistered(actual: ActualKind): string {
  return (
    `no kind "${actual.kind}" is registered for version "${apiVersionOf(actual)}" ` +
    'in scheme "pkg/api/legacyscheme/scheme.go:30"'
  );
}

/** The Go package of the version-less type: core, apps, coordination. */
function hubPackageOf({ group }: ActualKind): string {
  return group === "" ? "core" : group.split(".", 1)[0]!;
}

function isKnown(actual: ActualKind): boolean {
  known ??= new Set(schemaNames().map(keyOfSchema));
  return known.has(`${apiVersionOf(actual)}, ${actual.kind}`);
}

function keyOfSchema(name: string): string {
  const found = kindOfSchema(name);
  return found ? `${found.apiVersion}, ${found.kind}` : "";
}
