/**
 * What a Kind is.
 *
 * A kind is declared once, as data, in a file of its own (`pod.ts`, `replication-controller.ts`).
 * From that one declaration the API server makes its routes, discovery, OpenAPI and tables, the
 * client its paths, and the garbage and namespace collectors their lists. Adding a kind is one
 * file here and one line in `kinds.ts`.
 *
 * The hooks are what Kubernetes calls a *strategy* (pkg/registry/<group>/<kind>/strategy.go). They
 * are pure: they see objects, never the store. They run in the order setDefaults, prepare..,
 * (admission), validate.., and only the registry knows that order.
 */
import type { ObjectMeta as TypedObjectMeta } from "kubernetes-types/meta/v1.js";
import type { FieldError } from "./field-error.ts";
import type { Schema } from "./schema.ts";
import type { StoredAs } from "./served-versions.ts";

/** The generated types mark as readonly what clients may not write; the server is not a client. */
type Writable<T> = { -readonly [key in keyof T]: T[key] };

export interface ObjectMeta extends Writable<TypedObjectMeta> {
  /** Always there once stored; absent in a draft that has a generateName. */
  name: string;
}

/** Any API object. `spec`, `status` and `data` are known more closely by each kind's own interface. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: unknown;
  status?: unknown;
}

/** One printed column. `value` gives the cell; `now` is there for ages only. */
export interface Column<T extends KubeObject> {
  name: string;
  type: "string" | "integer" | "number" | "boolean" | "date";
  format?: string;
  description: string;
  /** 0 is always shown, 1 only by `-o wide`. */
  priority?: 0 | 1;
  value(obj: T, now: Date): string | number | boolean;
}

/** Where the scale subresource finds its numbers, as JSON paths (".spec.replicas"). */
export interface ScalePaths {
  specReplicasPath: string;
  statusReplicasPath: string;
  /** The path of the selector: a map of labels, or a LabelSelector. */
  labelSelectorPath?: string;
}

/** A subresource that is neither status nor scale: how discovery lists it. Served by its own handler. */
export interface Subresource {
  name: string;
  kind: string;
  group?: string;
  version?: string;
  verbs: Verb[];
}

export type Verb =
  | "create"
  | "delete"
  | "deletecollection"
  | "get"
  | "list"
  | "patch"
  | "update"
  | "watch";

/**
 * What a kind made at run time brings along (apiextensions/custom-kind.ts): its schema has no name, and what is
 * stored may be of another version.
 */
export interface CustomForm {
  /** Its schema as its author wrote it: a CustomSchema. */
  schema(): object;
  /** Its fields, for server-side apply and whoever else reads a Schema. */
  fields(): Schema;
  /** Drops what its schema does not know from `obj`; returns the paths of what was dropped. */
  prune(obj: KubeObject): string[];
  /** How stored objects look in this version. May change what it is given. */
  fromStored(objects: KubeObject[]): KubeObject[] | Promise<KubeObject[]>;
  /** What is stored of an object of this version. */
  toStored(obj: KubeObject): KubeObject | Promise<KubeObject>;
  /** Whether metadata.generation stays: nothing but metadata and status has changed. */
  isSameGeneration(obj: KubeObject, old: KubeObject): boolean;
  /** Undefined where a new object may be made; else why not (405). */
  whyNotCreated?: string;
}

/** What one kind declares about itself. Every hook may be left out. */
export interface KindDeclaration<T extends KubeObject> {
  /** "" for the core group. */
  group: string;
  version: string;
  kind: string;
  plural: string;
  /** Default: the kind in lower case. */
  singular?: string;
  shortNames?: string[];
  categories?: string[];
  namespaced: boolean;
  /** Below /registry/ in the store: "pods", "services/specs", "minions". */
  storagePrefix: string;
  /** The name of its field schema: "io.k8s.api.core.v1.Pod". */
  schema: string;
  /** Default: all. */
  verbs?: Verb[];
  hasStatus?: boolean;
  /** Whether metadata.generation counts the changes of spec. Default: false. */
  hasGeneration?: boolean;
  /** A PUT must say which version it has seen (AllowUnconditionalUpdate is false). */
  needsResourceVersion?: boolean;
  /** A PUT to a name that does not exist creates it (AllowCreateOnUpdate). */
  isCreatedByUpdate?: boolean;
  /** A DELETE is answered with the object, not with a Status (ReturnDeletedObject). */
  isReturnedWhenDeleted?: boolean;
  /** Default: the kind and "List". */
  listKind?: string;
  /** Older versions in which the very same shape is served: "v1beta1". */
  servedVersions?: string[];
  /** This is another version of a kind that is stored (served-versions.ts). */
  storedAs?: StoredAs;
  /** Declared by a CustomResourceDefinition: in lists of it, every item says its kind. */
  isCustom?: boolean;
  /** What a kind made at run time brings along. */
  custom?: CustomForm;
  /** Its finalizers need no domain and slash: so it is where the core's own rules do not hold. */
  takesBareFinalizers?: boolean;
  /** Told to everybody who asks for anything of this kind. */
  deprecationWarning?: string;
  scale?: ScalePaths;
  subresources?: Subresource[];
  /** The cells of `kubectl get`, Name and Age included. Default: those two. */
  columns?: Column<T>[];
  /** Fields a field selector may name besides metadata.name and metadata.namespace. */
  selectableFields?(obj: T): Record<string, string>;

  /** Loads what the hooks below need: awaited before each write. */
  prepare?(): Promise<void>;
  /** What a name must look like. Default: a DNS-1123 subdomain. Returns what is wrong. */
  validateName?(name: string, isPrefix: boolean): string[];
  /** Fills in what the user left out. Runs on create and update, before validation. */
  setDefaults?(obj: T): void;
  /** Clears or sets what only the system may set. metadata is the registry's. */
  prepareForCreate?(obj: T): void;
  /** The same for an update of the main resource: by default status is kept from `old`. */
  prepareForUpdate?(obj: T, old: T): void;
  /** The same for an update through /status: by default all but status is kept from `old`. */
  prepareForStatusUpdate?(obj: T, old: T): void;
  /** Sets what an object shows from the moment it is first asked to go. `now` as the API writes times. */
  prepareForDelete?(obj: T, now: string): void;
  /**
   * Lists what is wrong with `obj`. An empty list means it may be stored. `askedAs`: the version it was
   * written in, where that is not the stored one.
   */
  validate?(obj: T, askedAs?: Kind): FieldError[];
  /** Of an update validateUpdate says all, and validate is not asked. */
  updatesAreJudgedAlone?: boolean;
  /** Lists what may not change from `old` to `obj`. `validate` runs as well. */
  validateUpdate?(obj: T, old: T, askedAs?: Kind): FieldError[];
  /** Of an update, what has changed is told before what is wrong anyway. */
  isChangeJudgedFirst?: boolean;
  /** Runs alone: what an update through /status must fulfil. */
  validateStatusUpdate?(obj: T, old: T): FieldError[];
  /** Sentences for `Warning:` headers: what is accepted but unwise, or not acted on. */
  warnings?(obj: T, old?: T): string[];
  /**
   * Seconds of graceful deletion: 0 deletes at once. `requested` is the client's wish, if any.
   * Default: always 0 (deleted at once).
   */
  gracePeriodSeconds?(obj: T, requested: number | undefined): number;
  /** True while something has to be done before the object may go (a namespace's content). */
  isHeldByFinalizers?(obj: T): boolean;
  /** Whether what it owned goes with it, where the client says nothing (RCs: orphaned in v1). */
  defaultPropagation?: "Background" | "Orphan";
  /** Told to who deletes one without saying what of those it owned. */
  orphanWarning?: string;
  /** A small valid object, for the test that takes every kind through every verb. */
  example: T;
}

export type Kind<T extends KubeObject = KubeObject> = Readonly<KindDeclaration<T>>;

/** Declares a kind. By convention the constant has the name of its type. */
export function defineKind<T extends KubeObject>(declaration: KindDeclaration<T>): Kind<T> {
  return Object.freeze(declaration);
}

/** "v1", "apps/v1". */
export function apiVersionOf(kind: Pick<Kind, "group" | "version">): string {
  return kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
}

/** How errors name a resource: "pods", "leases.coordination.k8s.io". */
export function qualifiedResource(kind: Pick<Kind, "group" | "plural">): string {
  return kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
}

/** How errors name a kind: "Pod", "Lease.coordination.k8s.io". */
export function qualifiedKind(kind: Pick<Kind, "group" | "kind">): string {
  return kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
}

/** The key of an object in the store; without a name, the prefix of all that share it. */
export function storageKey(kind: Kind, namespace?: string, name?: string): string {
  const parts = ["/registry", kind.storagePrefix, namespace, name];
  const path = parts.filter((part) => part !== undefined && part !== "").join("/");
  return name === undefined ? `${path}/` : path;
}
