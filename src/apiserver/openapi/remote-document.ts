/**
 * What another server says of its types in OpenAPI v2, cut to the one group and version it answers for, and put into our
 * own document. A definition that is the same in both is there once; one that differs gets another name.
 *
 * In Kubernetes: kube-openapi/pkg/aggregator (FilterSpecByPaths, MergeSpecsIgnorePathConflictRenamingDefinitionsAndParameters).
 * Differs: parameters that a document names apart are written where they are used.
 */
import { isDeepStrictEqual } from "node:util";
import { type Json, V2 } from "./definitions.ts";

type Named = Record<string, Json>;

const PARAMETERS = "#/parameters/";

/** The paths of a group and version, and the definitions they lead to. Throws where that is no document. */
export function partOf(document: Json, groupVersion: string): Json {
  const root = `/apis/${groupVersion}/`;
  const { paths, definitions = {}, parameters = {} } = document as Record<string, Named>;
  if (!isMap(paths) || !isMap(definitions)) throw new Error("it has no paths or no definitions");
  const kept = Object.entries(paths).filter(([path]) => `${path}/`.startsWith(root));
  const written = replaceIn(Object.fromEntries(kept), (text, one) =>
    text.startsWith(PARAMETERS) ? parameters[text.slice(PARAMETERS.length)] : one,
  ) as Named;
  const found = new Set(referencesIn(written));
  for (const name of found) for (const next of referencesIn(definitions[name])) found.add(next);
  const needed = Object.entries(definitions).filter(([name]) => found.has(name));
  return { paths: written, definitions: Object.fromEntries(needed) };
}

/** `own` with what the others have. A path that is there already stays as it is. */
export function merged(own: Json, others: readonly Json[]): Json {
  const paths = { ...(own.paths as Named) };
  const definitions = { ...(own.definitions as Named) };
  for (const other of others) {
    const names = namesIn(definitions, other.definitions as Named);
    const part = replaceIn(other, (text, one) => {
      const name = text.startsWith(V2.references) && names.get(text.slice(V2.references.length));
      return name ? { ...one, $ref: V2.references + name } : one;
    }) as { paths: Named; definitions: Named };
    for (const [path, item] of Object.entries(part.paths)) paths[path] ??= item;
    for (const [name, definition] of Object.entries(part.definitions)) {
      definitions[names.get(name)!] ??= definition;
    }
  }
  return { ...own, paths, definitions };
}

/** What each definition of another document is to be called: the same name only where it is the same. */
function namesIn(own: Named, other: Named): Map<string, string> {
  const names = Object.entries(other).map(([name, definition]): [string, string] => {
    let free = name;
    for (let n = 2; own[free] && !isSame(own[free]!, definition); n++) free = `${name}_v${n}`;
    return [name, free];
  });
  return new Map(names);
}

/** For which kinds a shared type (DeleteOptions) is used is no difference. */
function isSame(a: Json, b: Json): boolean {
  const type = "x-kubernetes-group-version-kind";
  return isDeepStrictEqual({ ...a, [type]: undefined }, { ...b, [type]: undefined });
}

/** A copy in which each `{ $ref }` is what `replaced` makes of it. */
function replaceIn(value: unknown, replaced: (ref: string, one: Json) => unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => replaceIn(one, replaced));
  if (!isMap(value)) return value;
  const { $ref } = value;
  if (typeof $ref === "string") return replaced($ref, value);
  const entries = Object.entries(value).map(([name, one]) => [name, replaceIn(one, replaced)]);
  return Object.fromEntries(entries);
}

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isMap(value)) return [];
  const { $ref } = value;
  const own = typeof $ref === "string" ? [$ref.slice(V2.references.length)] : [];
  return [...own, ...Object.values(value).flatMap(referencesIn)];
}

function isMap(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
