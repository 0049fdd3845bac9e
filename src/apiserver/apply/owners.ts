/**
 * metadata.managedFields: who owns which fields. An owner is a manager with an operation (Apply or Update),
 * for updates also the version it wrote in, and the subresource it wrote through.
 *
 * In Kubernetes: apimachinery/pkg/util/managedfields/internal/{managedfields,capmanagers}.go
 */
import type { ManagedFieldsEntry } from "kubernetes-types/meta/v1.js";
import { type FieldSet, union } from "./field-set.ts";
import { sorted } from "./step.ts";

export interface Owner {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  /** "" for the object itself. */
  readonly subresource: string;
  /** When it last took a field. */
  readonly time?: string;
  readonly fields: FieldSet;
  /** As it was read, where nothing has changed since. */
  readonly entry?: ManagedFieldsEntry;
}

/** More managers that update than these are put together, the oldest first. */
const UPDATERS_MAX = 10;
const ANCIENT = "ancient-changes";

/** Of entries that are stored, or `areReadable`. */
export function ownersOf(entries: readonly ManagedFieldsEntry[]): Owner[] {
  return entries.map((entry) => {
    const { manager = "", apiVersion = "", subresource = "", time, fieldsV1 } = entry;
    const operation = entry.operation as Owner["operation"];
    const fields = fieldsV1 as FieldSet;
    const about = { manager, operation, apiVersion, subresource, fields, entry };
    return time ? { ...about, time } : about;
  });
}

/** Whether what a client wrote can be read. */
export function areReadable(entries: readonly ManagedFieldsEntry[]): boolean {
  return entries.every(
    ({ operation, fieldsType, fieldsV1 }) =>
      (operation === "Apply" || operation === "Update") &&
      fieldsType === "FieldsV1" &&
      isFieldSet(fieldsV1),
  );
}

function isFieldSet(value: unknown): value is FieldSet {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([step, node]) => isStep(step) && isFieldSet(node));
}

function isStep(step: string): boolean {
  if (step === "." || step.startsWith("f:")) return true;
  return /^[kvi]:/.test(step) && isJson(step.slice(2), step.startsWith("k:"));
}

function isJson(text: string, mustBeObject: boolean): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return !mustBeObject || (typeof value === "object" && value !== null);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** In the order in which they are written. */
export function entriesOfOwners(owners: readonly Owner[]): ManagedFieldsEntry[] {
  return owners.toSorted(inOrder).map((owner) => entryOf(owner));
}

/** `isInOrder`: its fields are known to be. */
export function entryOf(owner: Owner, isInOrder = false): ManagedFieldsEntry {
  if (owner.entry !== undefined) return owner.entry;
  const { manager, operation, apiVersion, time, subresource } = owner;
  return {
    manager,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: "FieldsV1",
    fieldsV1: isInOrder ? owner.fields : sorted(owner.fields),
    ...(subresource === "" ? {} : { subresource }),
  };
}

/** Applications first, then by age. */
function inOrder(a: Owner, b: Owner): number {
  return (
    compareTexts(a.operation, b.operation) ||
    compareTexts(a.time ?? "", b.time ?? "") ||
    compareTexts(a.manager, b.manager) ||
    compareTexts(a.apiVersion, b.apiVersion) ||
    compareTexts(a.subresource, b.subresource)
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An applier is the same in every version. */
export function isSameOwner(a: Owner, b: Owner): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.subresource === b.subresource &&
    (a.operation === "Apply" || a.apiVersion === b.apiVersion)
  );
}

/** The same owner with other fields. */
export function withFields(owner: Owner, fields: FieldSet): Owner {
  if (fields === owner.fields) return owner;
  const { entry: _, ...about } = owner;
  return { ...about, fields };
}

/** Puts the oldest updaters of a version together until there are not too many. */
export function capped(owners: Owner[]): Owner[] {
  const updaters = owners.filter(({ operation }) => operation === "Update");
  let surplus = updaters.length - UPDATERS_MAX;
  if (surplus <= 0) return owners;
  const left = new Set(owners);
  const firsts = new Map<string, Owner>();
  for (const owner of updaters.toSorted(inOrder)) {
    if (surplus <= 0) break;
    const { apiVersion } = owner;
    const first = firsts.get(apiVersion);
    if (first === undefined) {
      firsts.set(apiVersion, owner);
      continue;
    }
    left.delete(first);
    left.delete(owner);
    const bucket = ancient(owner, union(first.fields, owner.fields));
    left.add(bucket);
    firsts.set(apiVersion, bucket);
    surplus--;
  }
  return [...left];
}

function ancient({ apiVersion, time }: Owner, fields: FieldSet): Owner {
  return {
    manager: ANCIENT,
    operation: "Update",
    apiVersion,
    subresource: "",
    ...(time === undefined ? {} : { time }),
    fields,
  };
}
