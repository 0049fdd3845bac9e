/**
 * Applying a configuration to an object, or to none: the object as it is to be, with its owners.
 *
 * In Kubernetes: the Apply methods of apimachinery/pkg/util/managedfields/internal
 */
import { ApiError, badRequest } from "../../api/errors.ts";
import { apiVersionOf, type Kind, type KubeObject } from "../../api/kind.ts";
import type { Schema } from "../../api/schema.ts";
import { toCustomObject } from "../decode/custom-object.ts";
import { TypeMismatchError } from "../decode/type-mismatch.ts";
import { isObject, toTypedValue } from "../decode/typed-value.ts";
import { asObject } from "../decode.ts";
import { configErrors } from "./config-errors.ts";
import { ConflictsError } from "./conflict.ts";
import { type Author, writeOf } from "./field-manager.ts";
import { lastAppliedFields, MIGRATING_MANAGER, renewLastApplied } from "./last-applied.ts";
import { entriesOfOwners, type Owner, ownersOf } from "./owners.ts";
import { type Applied, afterApply, afterUpdate, type Write } from "./ownership.ts";
import { isSameValue } from "./same-value.ts";
import { zeroObjectOf } from "./zero-object.ts";

export interface Application {
  kind: Kind;
  subresource: string;
  /** As it was sent, not yet known to fit the schema. */
  config: Record<string, unknown>;
  author: Author;
  isForced: boolean;
}

/** What a custom kind's fields are, its own validation sees to. */
const FREE_FORM: Schema = { type: "any" };

/** Owns what an object had in it that nobody owned when it was first applied. */
const BEFORE_FIRST_APPLY = "before-first-apply";

/** Throws an ApiError. `live` is not changed. */
export function applyConfig(application: Application, live: KubeObject | undefined): KubeObject {
  const { kind, subresource, config, author } = application;
  const write = writeOf(kind, subresource, author);
  checkConfig(application, write);
  const { managedFields: entries = [], ...metadata } = live?.metadata ?? { name: "" };
  const before = live === undefined ? zeroObjectOf(write.schema) : { ...live, metadata };
  const owners = ownersOf(entries);
  if (owners.length === 0 && live !== undefined) owners.push(...firstOwners(write, before));
  const applied = applyOrMigrate(owners, write, before, live, application);
  const obj = typedObject(kind, write, applied.object, config);
  if (author.manager === MIGRATING_MANAGER) renewLastApplied(obj, config);
  const next = settled(obj, before, entries, applied.owners);
  if (next.length > 0) obj.metadata.managedFields = next;
  return obj;
}

function checkConfig({ kind, config }: Application, { schema }: Write): void {
  const expected = apiVersionOf(kind);
  const metadata = isObject(config.metadata) ? config.metadata : {};
  const { managedFields } = metadata;
  const apiVersion = textOf(config.apiVersion);
  if (apiVersion !== expected) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${apiVersion}, expected: ${expected}`,
    );
  }
  if (Array.isArray(managedFields)) throw badRequest("metadata.managedFields must be nil");
  const refuse = (why: string) => {
    const name = `${textOf(metadata.namespace)}/${textOf(metadata.name)}`;
    const about = `${name}; ${kind.group}/${kind.version}, Kind=${textOf(config.kind)}`;
    return new ApiError(500, "", `failed to create typed patch object (${about}): ${why}`);
  };
  if (config.kind !== kind.kind) {
    throw refuse(
      `no corresponding type for ${kind.group}/${kind.version}, Kind=${textOf(config.kind)}`,
    );
  }
  const errors = configErrors(schema, config);
  if (errors !== undefined) throw refuse(errors);
}

/** What is no text is nothing said. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function firstOwners(write: Write, before: object): Owner[] {
  const first = { ...write, manager: BEFORE_FIRST_APPLY };
  return afterUpdate([], first, zeroObjectOf(write.schema), before);
}

/** kubectl may take over what it applied itself, in the old way. */
function applyOrMigrate(
  owners: Owner[],
  write: Write,
  before: object,
  live: KubeObject | undefined,
  { config, isForced }: Application,
): Applied {
  try {
    return afterApply(owners, write, before, config, isForced);
  } catch (error) {
    if (!(error instanceof ConflictsError)) throw error;
    if (write.manager !== MIGRATING_MANAGER || live === undefined) throw error.answer();
    const left = error.without(lastAppliedFields(write.schema, live));
    if (left !== undefined) throw left.answer();
    return afterApply(owners, write, before, config, true);
  }
}

function typedObject(kind: Kind, { schema }: Write, value: unknown, config: object): KubeObject {
  try {
    const obj = kind.custom
      ? toCustomObject(toTypedValue(value ?? {}, FREE_FORM).value, kind, kind.custom).object
      : asObject<KubeObject>(toTypedValue(value ?? {}, schema).value, kind);
    obj.metadata ??= { name: "" };
    return obj;
  } catch (error) {
    if (!(error instanceof TypeMismatchError)) throw error;
    const { metadata } = config as KubeObject;
    const about = `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}; ${kind.group}/${kind.version}, Kind=${kind.kind}`;
    throw new ApiError(
      500,
      "",
      `failed to convert new object (${about}) to proper version: ${error.message}`,
    );
  }
}

/** The entries as they were, where only a time would change. */
function settled(
  obj: KubeObject,
  before: object,
  entries: NonNullable<KubeObject["metadata"]["managedFields"]>,
  owners: Owner[],
) {
  const next = entriesOfOwners(owners);
  const timeless = (list: typeof next) => list.map(({ time: _, ...entry }) => entry);
  const isSame = isSameValue(timeless(next), timeless(entries)) && isSameValue(obj, before);
  return isSame ? entries : next;
}
