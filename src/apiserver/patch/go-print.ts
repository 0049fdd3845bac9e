/**
 * Values as Go prints them in the messages of patches: `%v` ("map[a:1 b:[x y]]"), the names of
 * their types, and JSON with sorted keys.
 *
 * In Kubernetes: fmt and encoding/json of Go.
 */

/** `fmt.Sprintf("%v", value)` */
export function printed(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(printed).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  const cells = sortedEntries(value).map(([key, one]) => `${key}:${printed(one)}`);
  return `map[${cells.join(" ")}]`;
}

/** `reflect.TypeOf(value)` of a value that was read from JSON. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return "%!s(<nil>)";
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "object") return "map[string]interface {}";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  return Number.isInteger(value) ? "int64" : "float64";
}

/** `json.Marshal(value)` */
export function marshalled(value: unknown): string {
  return JSON.stringify(sorted(value)).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(sortedEntries(value).map(([key, one]) => [key, sorted(one)]));
}

function sortedEntries(value: object): [string, unknown][] {
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
