/**
 * Who owns what after a write. Two rules make server-side apply:
 *
 *   an update takes the fields it changes from whoever had them, and asks nobody;
 *   an application owns the fields it speaks of, may not change those of others (unless forced), and what it
 *   speaks of no more goes, if nobody else owns it.
 *
 * In Kubernetes: sigs.k8s.io/structured-merge-diff/merge/update.go, and the managers around it in
 * apimachinery/pkg/util/managedfields/internal. Differs: an owner's fields are read as those of the version
 * that is written, which they are wherever the versions of a kind share their shape.
 */
import type { Schema } from "../../api/schema.ts";
import { fieldsOf, withNamedFields } from "./applied-fields.ts";
import { compare } from "./compare.ts";
import { ConflictsError } from "./conflict.ts";
import {
  difference,
  type FieldSet,
  intersection,
  isEmpty,
  LEAF,
  NO_FIELDS,
  recursiveDifference,
  union,
} from "./field-set.ts";
import { merge } from "./merge.ts";
import { capped, isSameOwner, type Owner, withFields } from "./owners.ts";
import { removeFields } from "./remove-fields.ts";
import { isSameValue } from "./same-value.ts";

export interface Write {
  schema: Schema;
  manager: string;
  apiVersion: string;
  subresource: string;
  /** What cannot be written this way, so is owned by nobody for it (status, on the object itself). */
  ignored: FieldSet;
  /** The time, as the API writes it. */
  now: string;
}

/** What the system sets is nobody's. */
const SYSTEM_FIELDS: FieldSet = {
  "f:apiVersion": LEAF,
  "f:kind": LEAF,
  "f:metadata": {
    ".": LEAF,
    "f:name": LEAF,
    "f:namespace": LEAF,
    "f:creationTimestamp": LEAF,
    "f:selfLink": LEAF,
    "f:uid": LEAF,
    "f:clusterName": LEAF,
    "f:generation": LEAF,
    "f:managedFields": LEAF,
    "f:resourceVersion": LEAF,
  },
};

/** The same owners, if nothing has changed that can be owned. */
export function afterUpdate(owners: Owner[], write: Write, before: unknown, after: unknown) {
  const { set, removed } = changesOf(write, before, after);
  if (isEmpty(set) && isEmpty(removed)) return owners;
  const left = takenFrom(owners, union(set, removed));
  const taken = difference(set, SYSTEM_FIELDS);
  if (isEmpty(taken)) return left;
  const self = ownerOf(write, "Update", taken);
  const previous = left.find((owner) => isSameOwner(owner, self));
  const others = left.filter((owner) => owner !== previous);
  const fields = previous === undefined ? taken : union(previous.fields, taken);
  return capped([...others, { ...self, fields }]);
}

export interface Applied {
  /** Null where a field was taken away with all that was in it. */
  object: unknown;
  owners: Owner[];
}

/** Throws a ConflictsError unless `isForced`. */
export function afterApply(
  owners: Owner[],
  write: Write,
  live: unknown,
  config: unknown,
  isForced: boolean,
): Applied {
  const { schema } = write;
  const applied = recursiveDifference(fieldsOf(schema, config), write.ignored);
  const self = ownerOf(write, "Apply", applied);
  const previous = owners.find((owner) => isSameOwner(owner, self));
  const others = owners.filter((owner) => owner !== previous);
  const merged = merge(schema, live, config);
  const object = previous ? pruned(schema, merged, previous.fields, [...others, self]) : merged;
  const { set, removed } = changesOf(write, live, object);
  if (!isForced) refuseConflicts(others, set);
  const left = takenFrom(others, union(set, removed));
  const isChanged = !isSameValue(live, object);
  const mine = asOwner(self, previous, isChanged);
  return { object, owners: isEmpty(mine.fields) ? left : [...left, mine] };
}

/** Its time is when it last changed the object. */
function asOwner(self: Owner, previous: Owner | undefined, isChanged: boolean): Owner {
  const { time, ...about } = self;
  const fields = difference(self.fields, SYSTEM_FIELDS);
  if (isChanged) return { ...about, fields, time: time! };
  return previous?.time === undefined
    ? { ...about, fields }
    : { ...about, fields, time: previous.time };
}

function changesOf({ schema, ignored }: Write, before: unknown, after: unknown) {
  const seen = [before, after].map((value) => withoutIgnored(value, ignored));
  const { set = NO_FIELDS, removed = NO_FIELDS } = compare(schema, seen[0], seen[1]);
  return {
    set: recursiveDifference(set, ignored),
    removed: recursiveDifference(removed, ignored),
  };
}

/** What is ignored as a whole need not be looked at. */
function withoutIgnored(value: unknown, ignored: FieldSet): unknown {
  if (isEmpty(ignored)) return value;
  const left: Record<string, unknown> = {};
  const fields = value as Record<string, unknown>;
  for (const key in fields) if (ignored[`f:${key}`] !== LEAF) left[key] = fields[key];
  return left;
}

function takenFrom(owners: Owner[], fields: FieldSet): Owner[] {
  return owners
    .map((owner) => withFields(owner, difference(owner.fields, fields)))
    .filter((owner) => !isEmpty(owner.fields));
}

function refuseConflicts(others: Owner[], set: FieldSet): void {
  const conflicts = others
    .map((owner) => ({ owner, fields: intersection(owner.fields, set) }))
    .filter(({ fields }) => !isEmpty(fields));
  if (conflicts.length > 0) throw new ConflictsError(conflicts);
}

/** Without what the manager applied last time and nobody, itself included, owns now. */
function pruned(schema: Schema, merged: unknown, last: FieldSet, owners: Owner[]): unknown {
  const named = (set: FieldSet) => withNamedFields(set, schema);
  const fieldsIn = (value: unknown) => named(fieldsOf(schema, value));
  const all = fieldsIn(merged);
  const lastFields = named(last);
  const owned = owners.map(({ fields }) => fields).reduce(union, NO_FIELDS);
  const without = removeFields(schema, merged, lastFields);
  const kept = union(fieldsIn(without), named(owned));
  const withOwned = removeFields(schema, merged, difference(all, kept));
  const gone = intersection(difference(all, fieldsIn(withOwned)), lastFields);
  return removeFields(schema, merged, gone);
}

function ownerOf(write: Write, operation: Owner["operation"], fields: FieldSet): Owner {
  const { manager, apiVersion, subresource, now } = write;
  return { manager, operation, apiVersion, subresource, time: now, fields };
}
