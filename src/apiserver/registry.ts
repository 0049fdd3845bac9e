/**
 * The registry: create, read, update and delete, written once for all kinds. What differs from kind to
 * kind is in the kind's declaration; the order in which its hooks run is here alone:
 *
 *   default -> prepare -> admit -> validate -> compare and swap
 *
 * Its invariant: what is stored was valid, and no write is lost to another, because every one of them
 * names the revision it was made from.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go
 */
import {
  ApiError,
  alreadyExists,
  conflict,
  invalid,
  isAlreadyExists,
  notFound,
} from "../api/errors.ts";
import { type Kind, type KubeObject, storageKey } from "../api/kind.ts";
import { validateObjectMeta } from "../api/metadata-validation.ts";
import { type Clock, toApiTime } from "../component/clock.ts";
import { type Random, randomSuffix } from "../component/random.ts";
import type { AdmissionPlugin } from "./admission/admission.ts";
import { AdmissionChain } from "./admission/chain.ts";
import { trackUpdate } from "./apply/field-manager.ts";
import type { User } from "./authenticate.ts";
import { type DeleteOptions, Deletion, isDoneWith } from "./deletion.ts";
import { fillSystemMeta, keepSystemMeta, warningsOfMeta } from "./object-meta.ts";
import type { Store } from "./storage/store.ts";
import { asWritten, copyOf, objectOf, storedForm, withRevision } from "./stored-object.ts";
import { checkResourceVersion, prepareUpdate, validateUpdate } from "./update.ts";
import { seenThrough, type View } from "./view.ts";

export interface RegistryOptions {
  store: Store;
  clock: Clock;
  random: Random;
  admission: readonly AdmissionPlugin[];
}

/** What a write needs to know of the request it comes from. */
export interface WriteContext {
  user: User;
  isDryRun: boolean;
  /** Who comes to own the fields that are set; absent where nobody does, or the change has said so. */
  manager?: string;
  /** Admission has had its say already, about what this comes from: a binding, an eviction. */
  isAdmitted?: boolean;
  /** One of a collection that is deleted. */
  isOfCollection?: boolean;
  isNameGenerated?: boolean;
  /** The version that was asked for, where that is not the one that is written. */
  askedAs?: Kind;
  /** What the client asks of the write besides: CreateOptions and the like. */
  options?: object;
  /** An object that is not there is made (server-side apply), of whatever kind. */
  isCreatedByPatch?: boolean;
  warn(sentence: string): void;
  /** Adds to what the audit log tells. */
  annotate?(key: string, value: string): void;
}

/** Makes the new object from the current one, which it may change; `undefined`: there is none. */
export type Change = (current: KubeObject | undefined) => KubeObject | Promise<KubeObject>;

export interface Target {
  kind: Kind;
  /** "" for kinds without one. */
  namespace: string;
  name: string;
  /** "" or "status". */
  subresource: string;
  /** As what it is written, and seen by admission, where that is not the object itself: a Scale. */
  view?: View;
}

interface Stored {
  object: KubeObject;
  bytes: Buffer;
  revision: number;
  /** To be written though nothing has changed. */
  isStale: boolean;
}

const GENERATED_NAME_LENGTH_MAX = 63;
const SUFFIX_LENGTH = 5;
const GENERATE_ATTEMPTS = 8;
/** Others may write between our read and our write so many times before we give up. */
const SWAP_ATTEMPTS = 100;

export class Registry {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly admission: AdmissionChain;

  constructor({ store, clock, random, admission }: RegistryOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
    this.admission = new AdmissionChain(admission);
  }

  /** Creates `input`, or with generateName as many drafts of it as it takes to find a free name. */
  async create(kind: Kind, namespace: string, input: KubeObject, context: WriteContext) {
    const { generateName, name } = input.metadata;
    if (name || !generateName) return this.#create(kind, namespace, input, context);
    for (let attempt = 1; ; attempt++) {
      const draft = copyOf(input);
      draft.metadata.name = this.#nameFrom(generateName);
      try {
        return await this.#create(kind, namespace, draft, { ...context, isNameGenerated: true });
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        if (attempt === GENERATE_ATTEMPTS) throw noFreeName(kind, draft.metadata.name);
      }
    }
  }

  async #create(kind: Kind, namespace: string, obj: KubeObject, context: WriteContext) {
    if (obj.metadata.resourceVersion && obj.metadata.resourceVersion !== "0") {
      throw new ApiError(500, "", "resourceVersion should not be set on objects to be created");
    }
    await kind.prepare?.();
    fillSystemMeta(obj, kind, namespace, { clock: this.#clock, random: this.#random });
    kind.setDefaults?.(obj);
    this.#track({ kind, subresource: "" }, undefined, obj, context);
    kind.prepareForCreate?.(obj);
    if (kind.hasGeneration) obj.metadata.generation = 1;
    const target = { kind, namespace, name: obj.metadata.name, subresource: "" };

    const about = { verb: "create" as const, ...target, object: obj };
    return this.admission.run(about, context, async (judge, isMutated) => {
      if (isMutated) kind.prepareForCreate?.(obj);
      const errors = validateObjectMeta(obj.metadata, kind);
      errors.push(...(kind.validate?.(obj, context.askedAs) ?? []));
      if (errors.length > 0) throw invalid(kind, obj.metadata.name ?? "", errors);
      await judge();
      this.#warn(kind, obj, undefined, context);
      if (context.isDryRun) return { value: obj, isWritten: false };
      const key = storageKey(kind, namespace, obj.metadata.name);
      const bytes = await storedForm(kind, obj);
      const result = await this.#store.create(key, bytes);
      if (!result.succeeded) throw alreadyExists(kind, obj.metadata.name);
      return { value: asWritten(kind, obj, bytes, result.revision), isWritten: true };
    });
  }

  /** The newest state, past all caches. */
  async get(kind: Kind, namespace: string, name: string): Promise<KubeObject> {
    const stored = await this.#read(kind, namespace, name);
    if (stored === undefined) throw notFound(kind, name);
    return stored.object;
  }

  /** Replaces an object by what `change` makes of it, and again if another was quicker. */
  async update(target: Target, change: Change, context: WriteContext) {
    const { kind, namespace, name, subresource } = target;
    for (let attempt = 1; attempt <= SWAP_ATTEMPTS; attempt++) {
      const current = await this.#read(kind, namespace, name);
      const isCreated = kind.isCreatedByUpdate || context.isCreatedByPatch;
      if (current === undefined && (subresource !== "" || !isCreated)) {
        throw notFound(kind, name);
      }
      await kind.prepare?.();
      const changed = await change(current && copyOf(current.object));
      if (current === undefined) {
        delete changed.metadata.resourceVersion;
        return { object: await this.create(kind, namespace, changed, context), isCreated: true };
      }
      checkResourceVersion(kind, changed, current.revision);
      const object = await this.#swap(target, changed, current, context);
      if (object !== undefined) return { object, isCreated: false };
    }
    throw conflict(kind, name);
  }

  /** One attempt at an update. `undefined`: somebody else has written since. */
  #swap(target: Target, obj: KubeObject, current: Stored, context: WriteContext) {
    const { kind, namespace, name, subresource } = target;
    const old = current.object;
    keepSystemMeta(obj, old);
    withRevision(obj, current.revision);
    kind.setDefaults?.(obj);
    this.#track(target, old, obj, context);
    prepareUpdate(kind, obj, old, subresource);
    const about = { verb: "update" as const, ...target, ...seenThrough(target.view, obj, old) };

    return this.admission.run(about, context, async (judge, isMutated) => {
      target.view?.into(obj, about.object);
      if (isMutated) prepareUpdate(kind, obj, old, subresource);
      validateUpdate(kind, obj, old, subresource, context.askedAs);
      await judge();
      this.#warn(kind, obj, old, context);
      const bytes = await storedForm(kind, obj);
      const isSame = !current.isStale && bytes.equals(current.bytes);
      if (isSame || context.isDryRun) {
        return { value: withRevision(obj, current.revision), isWritten: isSame };
      }
      const key = storageKey(kind, namespace, name);
      if (isDoneWith(kind, obj, old)) {
        const gone = await this.#store.delete(key, current.revision);
        return { value: gone.succeeded ? obj : undefined, isWritten: gone.succeeded };
      }
      const result = await this.#store.update(key, bytes, current.revision);
      if (!result.succeeded) return { value: undefined, isWritten: false };
      return { value: asWritten(kind, obj, bytes, result.revision), isWritten: true };
    });
  }

  /** Deletes at once, or marks for deletion; the answer says which: an object goes on, a Status is the end. */
  async delete(target: Target, options: DeleteOptions, context: WriteContext) {
    const { kind, namespace, name } = target;
    const deletion = new Deletion(kind, options, this.#clock);
    if (kind.orphanWarning && !deletion.saysWhatOfDependents) context.warn(kind.orphanWarning);
    for (let attempt = 1; attempt <= SWAP_ATTEMPTS; attempt++) {
      const current = await this.#read(kind, namespace, name);
      if (current === undefined) throw notFound(kind, name);
      const about = { verb: "delete" as const, ...target, oldObject: current.object };
      if (context.isOfCollection) about.name = "";
      const answer = await this.admission.run(about, context, async (judge) => {
        await judge();
        const step = deletion.next(current.object);
        const value = await this.#carryOut(step, target, current, context, deletion);
        return { value, isWritten: value !== undefined };
      });
      if (answer !== undefined) return answer;
    }
    throw conflict(kind, name);
  }

  /** `undefined`: somebody else has written since. */
  async #carryOut(
    step: ReturnType<Deletion["next"]>,
    { kind, namespace, name }: Target,
    current: Stored,
    context: WriteContext,
    deletion: Deletion,
  ) {
    if (step.action === "wait") return current.object;
    const key = storageKey(kind, namespace, name);
    if (step.action === "remove") {
      if (context.isDryRun) return deletion.answer(current.object);
      const result = await this.#store.delete(key, current.revision);
      if (result.succeeded) withRevision(current.object, result.revision);
      return result.succeeded ? deletion.answer(current.object) : undefined;
    }
    if (context.isDryRun) return step.object;
    const bytes = await storedForm(kind, step.object);
    const result = await this.#store.update(key, bytes, current.revision);
    return result.succeeded ? withRevision(step.object, result.revision) : undefined;
  }

  async #read(kind: Kind, namespace: string, name: string): Promise<Stored | undefined> {
    const found = await this.#store.get(storageKey(kind, namespace, name));
    if (found === undefined) return undefined;
    const object = await objectOf(kind, found);
    const { value: bytes, modRevision: revision, isStale = false } = found;
    return { object, bytes, revision, isStale };
  }

  #warn(kind: Kind, obj: KubeObject, old: KubeObject | undefined, context: WriteContext) {
    const sentences = [...warningsOfMeta(obj, old), ...(kind.warnings?.(obj, old) ?? [])];
    for (const sentence of sentences) context.warn(sentence);
  }

  #track(
    { kind, subresource, view }: Pick<Target, "kind" | "subresource" | "view">,
    old: KubeObject | undefined,
    obj: KubeObject,
    { manager }: WriteContext,
  ): void {
    if (manager === undefined) return;
    trackUpdate(kind, view?.subresource ?? subresource, old, obj, {
      manager,
      now: toApiTime(this.#clock.now()),
    });
  }

  #nameFrom(generateName: string): string {
    // Counted in bytes, as Go does: no half of a character is left over.
    const most = GENERATED_NAME_LENGTH_MAX - SUFFIX_LENGTH;
    const base = Buffer.from(generateName).subarray(0, most).toString();
    return base + randomSuffix(this.#random, SUFFIX_LENGTH);
  }
}

function noFreeName(kind: Kind, name: string): ApiError {
  const { message, details } = alreadyExists(kind, name).status;
  const why = `${message}, the server was not able to generate a unique name for the object`;
  return new ApiError(409, "AlreadyExists", why, { ...details, retryAfterSeconds: 1 });
}
