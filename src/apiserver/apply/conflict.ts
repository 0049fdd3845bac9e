/**
 * What an applier is told that wants a field another one owns, with another value.
 *
 * In Kubernetes: apimachinery/pkg/util/managedfields/internal/conflict.go
 */
import { ApiError } from "../../api/errors.ts";
import { difference, type FieldSet, isEmpty, pathsOf } from "./field-set.ts";
import type { Owner } from "./owners.ts";
import { pathText } from "./step.ts";

export interface FieldConflict {
  owner: Owner;
  fields: FieldSet;
}

/** Thrown where an application is not forced; becomes an answer by `answer`. */
export class ConflictsError extends Error {
  override readonly name = "ConflictsError";
  readonly conflicts: readonly FieldConflict[];

  constructor(conflicts: readonly FieldConflict[]) {
    super("Apply failed with conflicts");
    this.conflicts = conflicts;
  }

  /** Those that are left when some fields may be taken; undefined: none is. */
  without(allowed: FieldSet): ConflictsError | undefined {
    const left = this.conflicts
      .map(({ owner, fields }) => ({ owner, fields: difference(fields, allowed) }))
      .filter(({ fields }) => !isEmpty(fields));
    return left.length === 0 ? undefined : new ConflictsError(left);
  }

  answer(): ApiError {
    const found = this.conflicts
      .map(({ owner, fields }) => ({
        name: nameOf(owner),
        paths: [...pathsOf(fields)].map(pathText).toSorted(),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const causes = found.flatMap(({ name, paths }) =>
      paths.map((field) => ({
        reason: "FieldManagerConflict",
        message: `conflict with ${name}`,
        field,
      })),
    );
    return new ApiError(409, "Conflict", messageOf(found, causes.length), { causes });
  }
}

function messageOf(found: { name: string; paths: string[] }[], count: number): string {
  const [{ name, paths }] = found as [{ name: string; paths: string[] }];
  if (count === 1) return `Apply failed with 1 conflict: conflict with ${name}: ${paths[0]}`;
  const lines = found.flatMap((one) => [
    `conflicts with ${one.name}:`,
    ...one.paths.map((path) => `- ${path}`),
  ]);
  return `Apply failed with ${count} conflicts: ${lines.join("\n")}`;
}

function nameOf({ manager, operation, apiVersion, subresource }: Owner): string {
  let name = JSON.stringify(manager);
  if (subresource !== "") name += ` with subresource ${JSON.stringify(subresource)}`;
  return operation === "Update" ? `${name} using ${apiVersion}` : name;
}
