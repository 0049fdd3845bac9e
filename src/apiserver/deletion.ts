/**
 * Deletion, decided step by step: an object goes at once, or is marked and waits, for its grace period
 * (pods) or for whoever put a finalizer on it.
 *
 * In Kubernetes: BeforeDelete in staging/src/k8s.io/apiserver/pkg/registry/rest/delete.go, and
 * deletionFinalizersForGarbageCollection and updateForGracefulDeletionAndFinalizers in
 * registry/generic/registry/store.go; for namespaces pkg/registry/core/namespace/storage.
 */
import { conflict, invalid } from "../api/errors.ts";
import { type FieldError, invalidValue, notSupported } from "../api/field-error.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { type Clock, toApiTime } from "../component/clock.ts";
import { type Success, success } from "./answer.ts";
import { copyOf } from "./stored-object.ts";

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  /** The elder of the two ways to say "Orphan" or "Background". */
  orphanDependents?: boolean;
  propagationPolicy?: string;
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: string[];
}

/** wait: it is being deleted already. mark: write `object`, and leave it there. */
export type Step =
  | { action: "remove" }
  | { action: "wait" }
  | { action: "mark"; object: KubeObject };

const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";
const POLICIES = ["Foreground", "Background", "Orphan"];

export class Deletion {
  readonly #kind: Kind;
  readonly #options: DeleteOptions;
  readonly #clock: Clock;

  constructor(kind: Kind, options: DeleteOptions, clock: Clock) {
    checkPolicy(options);
    this.#kind = kind;
    this.#options = options;
    this.#clock = clock;
  }

  get saysWhatOfDependents(): boolean {
    const { propagationPolicy, orphanDependents } = this.#options;
    return propagationPolicy !== undefined || orphanDependents !== undefined;
  }

  next(current: KubeObject): Step {
    checkPreconditions(this.#kind, current, this.#options);
    const grace = this.#graceOf(current);
    if (grace === "pending") return { action: "wait" };
    const obj = copyOf(current);
    if (obj.metadata.deletionTimestamp === undefined) {
      this.#kind.prepareForDelete?.(obj, toApiTime(this.#clock.now()));
    }
    this.#setFinalizers(obj);
    const isHeld = (obj.metadata.finalizers?.length ?? 0) > 0 || isHeldByKind(this.#kind, obj);
    if (grace === "none" && !isHeld) return { action: "remove" };
    const seconds = grace === "none" ? 0 : grace.seconds;
    if (seconds === 0 && !isHeld) return { action: "remove" };
    this.#mark(obj, seconds, grace !== "none");
    return JSON.stringify(obj) === JSON.stringify(current)
      ? { action: "wait" }
      : { action: "mark", object: obj };
  }

  /** What a client is told of an object that has gone. */
  answer(gone: KubeObject): KubeObject | Success {
    if (this.#kind.isReturnedWhenDeleted) return this.#stamped(gone);
    const { group, plural } = this.#kind;
    const { name, uid = "" } = gone.metadata;
    return success({ name, ...(group === "" ? {} : { group }), kind: plural, uid });
  }

  /** What has a grace period shows that it was none, even where it went at once. */
  #stamped(gone: KubeObject): KubeObject {
    if (this.#kind.gracePeriodSeconds === undefined) return gone;
    const deletionTimestamp = gone.metadata.deletionTimestamp ?? toApiTime(this.#clock.now());
    const metadata = { ...gone.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 };
    return { ...gone, metadata };
  }

  /** The grace period to set; "pending" where a shorter one has been set already. */
  #graceOf(obj: KubeObject): "none" | "pending" | { seconds: number } {
    const { gracePeriodSeconds: wanted } = this.#options;
    if (this.#kind.gracePeriodSeconds === undefined) return "none";
    if (obj.metadata.deletionTimestamp === undefined) {
      return { seconds: this.#kind.gracePeriodSeconds(obj, wanted) };
    }
    const set = obj.metadata.deletionGracePeriodSeconds ?? 0;
    if (set === 0) return "none";
    return wanted === undefined || wanted >= set ? "pending" : { seconds: Math.max(wanted, 0) };
  }

  /** Sets when it has to be gone by: counted from now, or from when it was first marked. */
  #mark(obj: KubeObject, seconds: number, isGraceful: boolean): void {
    const { metadata } = obj;
    const was = metadata.deletionTimestamp;
    if (was === undefined) {
      const inMs = isGraceful ? seconds * 1000 : 0;
      metadata.deletionTimestamp = toApiTime(new Date(this.#clock.now().getTime() + inMs));
      if (this.#kind.prepareForDelete !== undefined) return;
      if ((metadata.generation ?? 0) > 0) metadata.generation = metadata.generation! + 1;
    } else if (isGraceful) {
      const markedAt = Date.parse(was) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
      metadata.deletionTimestamp = toApiTime(new Date(markedAt + seconds * 1000));
    }
    if (this.#kind.isHeldByFinalizers === undefined) {
      metadata.deletionGracePeriodSeconds = seconds;
    } else {
      obj.status = { ...(obj.status as object), phase: "Terminating" };
    }
  }

  /** The two finalizers by which the garbage collector is asked for its part. */
  #setFinalizers(obj: KubeObject): void {
    const had = obj.metadata.finalizers ?? [];
    const policy = this.#policyFor(had);
    const finalizers = had.filter((one) => one !== ORPHAN && one !== FOREGROUND);
    if (policy === "Orphan") finalizers.push(ORPHAN);
    if (policy === "Foreground") finalizers.push(FOREGROUND);
    if (finalizers.length > 0) obj.metadata.finalizers = finalizers;
    else delete obj.metadata.finalizers;
  }

  #policyFor(finalizers: string[]): string | undefined {
    const { propagationPolicy, orphanDependents } = this.#options;
    if (orphanDependents !== undefined) return orphanDependents ? "Orphan" : "Background";
    if (propagationPolicy !== undefined) return propagationPolicy;
    if (finalizers.includes(ORPHAN)) return "Orphan";
    if (finalizers.includes(FOREGROUND)) return "Foreground";
    return this.#kind.defaultPropagation;
  }
}

/** Whether an update took away the last that held an object marked for deletion. */
export function isDoneWith(kind: Kind, obj: KubeObject, old: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = obj.metadata;
  if (deletionTimestamp === undefined || old.metadata.deletionTimestamp === undefined) return false;
  if (deletionGracePeriodSeconds !== 0) return false;
  return finalizers.length === 0 && !isHeldByKind(kind, obj);
}

function isHeldByKind(kind: Kind, obj: KubeObject): boolean {
  return kind.isHeldByFinalizers?.(obj) ?? false;
}

function checkPolicy({ propagationPolicy, orphanDependents }: DeleteOptions): void {
  if (propagationPolicy === undefined) return;
  const errors: FieldError[] = [];
  if (orphanDependents !== undefined) {
    const why = "orphanDependents and deletionPropagation cannot be both set";
    errors.push(invalidValue("propagationPolicy", propagationPolicy, why));
  }
  if (!POLICIES.includes(propagationPolicy)) {
    errors.push(notSupported("propagationPolicy", propagationPolicy, [...POLICIES, "nil"]));
  }
  if (errors.length === 0) return;
  throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", errors);
}

function checkPreconditions(kind: Kind, { metadata }: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  // Kubernetes names the kind here, not the resource.
  const about = { group: kind.group, plural: kind.kind };
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw conflict(about, metadata.name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw conflict(about, metadata.name, why);
  }
}
