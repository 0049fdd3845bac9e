/**
 * The hook of the registry: after each write that comes from a client, metadata.managedFields says who owns
 * which fields of the object.
 *
 * What a client writes into managedFields itself is taken as it is where it can be read, and `[]` or `[{}]`
 * clears them; an object that has none is not tracked until somebody applies it.
 *
 * In Kubernetes: apimachinery/pkg/util/managedfields/internal/{fieldmanager,skipnonapplied}.go
 */
import type { ManagedFieldsEntry } from "kubernetes-types/meta/v1.js";
import { apiVersionOf, type Kind, type KubeObject } from "../../api/kind.ts";
import { type Schema, schemaOf } from "../../api/schema.ts";
import { fieldsOfNew } from "./fields-of-new.ts";
import { areReadable, entriesOfOwners, entryOf, type Owner, ownersOf } from "./owners.ts";
import { afterUpdate, type Write } from "./ownership.ts";
import { resetFieldsOf } from "./reset-fields.ts";
import { isSameValue } from "./same-value.ts";
import { DEDUCED } from "./shape.ts";
import { StepError } from "./step.ts";
import { zeroObjectOf } from "./zero-object.ts";

/** What is to be known of a write, by whomever. */
export interface Author {
  manager: string;
  /** As the API writes it. */
  now: string;
}

/** Sets who owns what of `obj`, which is about to be written where there was `old`. */
export function trackUpdate(
  kind: Kind,
  subresource: string,
  old: KubeObject | undefined,
  obj: KubeObject,
  author: Author,
): void {
  const had = old?.metadata.managedFields ?? [];
  const entries = startOf(had, obj.metadata.managedFields, subresource);
  delete obj.metadata.managedFields;
  // Nobody owns anything of an object whose owners were cleared.
  const isTracked = entries.length > 0 || old === undefined;
  const next = isTracked ? tracked(kind, subresource, old, obj, entries, author) : entries;
  if (next.length > 0) obj.metadata.managedFields = next;
}

export function writeOf(kind: Kind, subresource: string, author: Author): Write {
  return {
    manager: author.manager,
    now: author.now,
    schema: fieldSchemaOf(kind),
    apiVersion: apiVersionOf(kind),
    subresource,
    ignored: resetFieldsOf(kind, subresource),
  };
}

/** What has no schema is looked at as it comes. */
export function fieldSchemaOf({ schema, custom }: Pick<Kind, "schema" | "custom">): Schema {
  if (custom !== undefined) return custom.fields();
  return schema === "" ? DEDUCED : schemaOf(schema);
}

/** The owners to start from: those the client says, or else those there are. */
function startOf(
  had: ManagedFieldsEntry[],
  said: ManagedFieldsEntry[] | undefined,
  subresource: string,
): ManagedFieldsEntry[] {
  if (said === undefined || said === had || subresource !== "") return had;
  const [first] = said;
  if (first === undefined) return [];
  if (said.length === 1 && Object.keys(first).length === 0) return [];
  if (isSameValue(said, had)) return had;
  return areReadable(said) ? said : had;
}

function tracked(
  kind: Kind,
  subresource: string,
  old: KubeObject | undefined,
  obj: KubeObject,
  entries: ManagedFieldsEntry[],
  author: Author,
): ManagedFieldsEntry[] {
  const write = writeOf(kind, subresource, author);
  if (old === undefined && entries.length === 0) return entriesOfNew(write, obj);
  const owners = ownersOf(entries);
  const next = updated(owners, write, old ?? zeroObjectOf(write.schema), obj);
  return next === owners ? entries : entriesOfOwners(next);
}

function entriesOfNew(write: Write, obj: KubeObject): ManagedFieldsEntry[] {
  const fields = unlessUnreadable(() => fieldsOfNew(write, obj), undefined);
  if (fields === undefined) return [];
  const { manager, apiVersion, subresource, now: time } = write;
  const owner = { manager, operation: "Update", apiVersion, subresource, time, fields } as const;
  return [entryOf(owner, true)];
}

function updated(owners: Owner[], write: Write, before: unknown, after: unknown): Owner[] {
  return unlessUnreadable(() => afterUpdate(owners, write, before, after), owners);
}

/** What cannot be told apart (a list whose elements have no key) changes no owner. */
function unlessUnreadable<T>(track: () => T, otherwise: T): T {
  try {
    return track();
  } catch (error) {
    if (error instanceof StepError) return otherwise;
    throw error;
  }
}
