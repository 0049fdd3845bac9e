/**
 * Go's `omitempty`: no "", 0, false, nothing that is absent, no empty list and no empty map. A struct is never
 * empty to Go, so one that is meant to stay is written with `struct`.
 */
export type Json = Record<string, unknown>;

const STRUCT = Symbol("struct");

export function omitEmpty(fields: Json): Json {
  const kept = Object.entries(fields).filter(([, value]) => !isEmpty(value));
  return Object.fromEntries(kept);
}

/** Stays where it is, even without a field. */
export function struct(fields: Json): Json {
  return Object.defineProperty(omitEmpty(fields), STRUCT, { value: true });
}

/** Of an object, the fields of that name that are there. */
export function pick<T extends object>(from: T | undefined, names: readonly (keyof T)[]): Json {
  const source = from ?? ({} as T);
  return omitEmpty(Object.fromEntries(names.map((name) => [name, source[name]])));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === "" || value === 0 || value === false) return true;
  if (typeof value !== "object" || value === null) return false;
  return !(STRUCT in value) && Object.keys(value).length === 0;
}
