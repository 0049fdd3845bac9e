/**
 * Versions of a kind besides the one it is stored in. Most are the very same shape under an older name
 * (policy/v1beta1 for policy/v1): a kind lists those as `servedVersions`, and nothing more is needed. One
 * with a shape of its own is a kind of its own that says in `storedAs` which kind keeps it, and how the
 * two become each other; it stands in the list `otherShapes`.
 *
 * In Kubernetes: the conversions of pkg/apis/<group>/<version>. Differs: every old version of the
 * original has a schema of its own; here it is described by its newest.
 */
import { apiVersionOf, type Kind, type KubeObject } from "./kind.ts";

export interface StoredAs {
  /** The kind that is stored. */
  kind: Kind;
  /** What is stored for an object of this version. May change what it is given. */
  toStored(obj: KubeObject): KubeObject;
  /** How a stored object looks in this version. May change what it is given. */
  fromStored(obj: KubeObject): KubeObject;
}

/** A kind that is kept as another one. */
export type OtherVersion = Kind & { storedAs: StoredAs };

export function isOtherVersion(kind: Kind): kind is OtherVersion {
  return kind.storedAs !== undefined;
}

/** Whether it is described by the schema of the kind that is stored. */
export function isAlias(kind: Kind): boolean {
  return kind.storedAs !== undefined && kind.storedAs.kind.schema === kind.schema;
}

/** The kinds themselves, first; then the other versions of each, with the same shape. */
export function withAliases(kinds: readonly Kind[]): readonly Kind[] {
  return [...kinds, ...kinds.flatMap(aliasesOf)];
}

function aliasesOf(kind: Kind): OtherVersion[] {
  return (kind.servedVersions ?? []).map((version) => aliasOf(kind, version));
}

function aliasOf(kind: Kind, version: string): OtherVersion {
  const alias = { ...kind, version };
  const storedAs = {
    kind,
    toStored: (obj: KubeObject) => ({ ...obj, apiVersion: apiVersionOf(kind) }),
    fromStored: (obj: KubeObject) => ({ ...obj, apiVersion: apiVersionOf(alias) }),
  };
  return Object.freeze({ ...alias, storedAs });
}
