/**
 * Which kinds the Kubernetes API has, served here or not: an object of a known kind at the wrong
 * path is refused in other words than one of no kind at all.
 *
 * In Kubernetes: the scheme (pkg/api/legacyscheme).
 */
import { kindOfSchema, schemaNames } from "../../api/schema.ts";

let known: Set<string> | undefined;

export function isKnownKind(apiVersion: string, kind: string): boolean {
  known ??= new Set(schemaNames().map(keyOfSchema));
  return known.has(`${apiVersion}, ${kind}`);
}

function keyOfSchema(name: string): string {
  const found = kindOfSchema(name);
  return found ? `${found.apiVersion}, ${found.kind}` : "";
}
