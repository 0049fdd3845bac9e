/** Simple JSON paths, ".spec.replicas": fields only. */

export function valueAt(obj: object, path: string): unknown {
  let value: unknown = obj;
  for (const field of fieldsOf(path)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[field];
  }
  return value;
}

/** Writes `value` there, making the objects on the way. */
export function writeAt(obj: object, path: string, value: unknown): void {
  const fields = fieldsOf(path);
  const last = fields.pop()!;
  let at = obj as Record<string, unknown>;
  for (const field of fields) {
    at[field] ??= {};
    at = at[field] as Record<string, unknown>;
  }
  at[last] = value;
}

function fieldsOf(path: string): string[] {
  return path.split(".").filter((field) => field !== "");
}
