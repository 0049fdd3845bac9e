/**
 * The verbs of the resource API: from a RequestInfo and a body to registry, list or watch, and back to
 * bytes in the form the client asked for. Subresources that are no object are other handlers.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/{create,get,update,patch,delete}.go
 */
import { conflict, notFound } from "../api/errors.ts";
import { type Kind, type KubeObject, storageKey } from "../api/kind.ts";
import type { ApiRequest, ApiResponse } from "../client/transport.ts";
import { type Clock, toApiTime } from "../component/clock.ts";
import type { Random } from "../component/random.ts";
import { managerOf } from "./apply/manager-name.ts";
import type { User } from "./authenticate.ts";
import { shownAs } from "./custom-resources/version-view.ts";
import { decodeBody, decodeDeleteOptions } from "./decode.ts";
import type { DeleteOptions } from "./deletion.ts";
import { formOf, listAnswer, objectAnswer, watchLineOf } from "./form.ts";
import { readList } from "./list.ts";
import { integerOf, listOptionsOf, watchOptionsOf } from "./list-options.ts";
import { matchPlace } from "./object-meta.ts";
import type { Change, Registry, Target, WriteContext } from "./registry.ts";
import { isSet, type RequestInfo } from "./request-info.ts";
import { selectionOf } from "./selection.ts";
import type { Store } from "./storage/store.ts";
import type { WatchCache } from "./storage/watch-cache.ts";
import { copyOf } from "./stored-object.ts";
import { checkVerb } from "./verb-check.ts";
import { prepareWatch } from "./watch.ts";
import { fieldValidationOf, isApply, isDryRunOf } from "./write-options.ts";

export interface ResourceHandlerOptions {
  store: Store;
  cache: WatchCache;
  registry: Registry;
  clock: Clock;
  random: Random;
}

/** A request that has been let in. */
export interface Call {
  request: ApiRequest;
  info: RequestInfo;
  user: User;
  /** The version that was asked for, where its kind is stored as another. */
  askedAs?: Kind;
  /** For `Warning:` headers; the handler adds to it. */
  warnings: string[];
  /** Adds to what the audit log tells of it. */
  annotate?(key: string, value: string): void;
  /** Throws where the user may not do another thing that the request comes to. */
  authorize?(info: RequestInfo): Promise<void>;
}

const EMPTY = Buffer.alloc(0);

/** Loaded with the first patch. */
let patches: typeof import("./patch-request.ts") | undefined;

export class ResourceHandler {
  readonly #options: ResourceHandlerOptions;

  constructor(options: ResourceHandlerOptions) {
    this.#options = options;
  }

  handle(kind: Kind, call: Call): Promise<ApiResponse> {
    const { info } = call;
    checkVerb(kind, info);
    switch (info.verb) {
      case "get":
        return this.#get(kind, call);
      case "list":
        return this.#list(kind, call);
      case "watch":
        return this.#watch(kind, call);
      case "create":
        return this.#create(kind, call);
      case "update":
        return this.#update(kind, call);
      case "patch":
        return this.#patch(kind, call);
      case "delete":
        return this.#delete(kind, call);
      default:
        return this.#deleteCollection(kind, call);
    }
  }

  async #get(kind: Kind, call: Call): Promise<ApiResponse> {
    const { cache } = this.#options;
    const { info, request } = call;
    const form = formOf(call, this.#options.clock);
    const { resourceVersion, revision } = listOptionsOf(info);
    if (resourceVersion === "") await cache.fresh(request.signal);
    else if (revision > cache.revision) await cache.waitFor(revision, request.signal);
    const key = storageKey(kind, namespaceOf(kind, info), info.name);
    const found = cache.resource(`/registry/${kind.storagePrefix}/`).get(key);
    if (found === undefined) throw notFound(kind, info.name);
    const [shown] = await shownAs(kind, [found]);
    return objectAnswer(kind, shown!, form);
  }

  async #list(kind: Kind, call: Call): Promise<ApiResponse> {
    const form = formOf(call, this.#options.clock);
    const selection = selectionOf(call.info, kind);
    const options = listOptionsOf(call.info);
    const page = await readList(selection, options, this.#options, call.request.signal);
    return listAnswer(kind, { ...page, items: await shownAs(kind, page.items) }, form);
  }

  async #watch(kind: Kind, call: Call): Promise<ApiResponse> {
    const form = formOf(call, this.#options.clock);
    const lineOf = watchLineOf(kind, form);
    const { signal } = call.request;
    const start = await prepareWatch(selectionOf(call.info, kind), watchOptionsOf(call.info), {
      ...this.#options,
      ...(lineOf === undefined ? {} : { lineOf }),
      ...(signal === undefined ? {} : { signal }),
    });
    const headers = {
      "content-type": "application/json",
      "cache-control": "no-cache, private",
    };
    return { status: 200, headers, body: { type: "stream", start } };
  }

  async #create(kind: Kind, call: Call): Promise<ApiResponse> {
    const { info } = call;
    const form = formOf(call, this.#options.clock);
    const context = writeContextOf(call);
    const draft = this.#decode(kind, call);
    const created = await this.#options.registry.create(
      kind,
      namespaceOf(kind, info),
      draft,
      context,
    );
    return objectAnswer(kind, created, form, 201);
  }

  async #update(kind: Kind, call: Call): Promise<ApiResponse> {
    const body = this.#decode(kind, call);
    matchPlace(body, kind, call.info);
    const { uid } = body.metadata;
    return this.#replace(kind, call, (current) => {
      if (uid && current !== undefined) checkUid(kind, current, uid);
      return copyOf(body);
    });
  }

  async #patch(kind: Kind, call: Call): Promise<ApiResponse> {
    if (isApply(call)) return this.#apply(kind, call);
    // Kept, since each import, also of what is there already, is a turn of its own in the event loop.
    patches ??= await import("./patch-request.ts");
    const { patchedBy } = patches;
    return this.#replace(kind, call, patchedBy(kind, call, fieldValidationOf(call)));
  }

  async #apply(kind: Kind, call: Call): Promise<ApiResponse> {
    isDryRunOf(call);
    const { appliedBy } = await import("./apply/apply-request.ts");
    const { info } = call;
    const apply = appliedBy(kind, info.subresource, call, {
      manager: managerOf(call),
      now: toApiTime(this.#options.clock.now()),
      fieldValidation: fieldValidationOf(call),
    });
    return this.#replace(kind, call, async (current) => {
      const applied = await apply(current);
      matchPlace(applied, kind, info);
      if (current === undefined) await call.authorize?.({ ...info, verb: "create" });
      return applied;
    });
  }

  async #replace(kind: Kind, call: Call, change: Change): Promise<ApiResponse> {
    const form = formOf(call, this.#options.clock);
    const target = targetOf(kind, call.info);
    const outcome = await this.#options.registry.update(target, change, writeContextOf(call));
    return objectAnswer(kind, outcome.object, form, outcome.isCreated ? 201 : 200);
  }

  async #delete(kind: Kind, call: Call): Promise<ApiResponse> {
    const form = formOf(call, this.#options.clock);
    const options = deleteOptionsOf(call);
    const context = { ...writeContextOf(call, options.dryRun), options };
    const target = targetOf(kind, call.info);
    const answer = await this.#options.registry.delete(target, options, context);
    return objectAnswer(kind, answer as KubeObject, form);
  }

  /** One after the other, as they were when the list was read; what has gone since is no error. */
  async #deleteCollection(kind: Kind, call: Call): Promise<ApiResponse> {
    const form = formOf(call, this.#options.clock);
    const options = deleteOptionsOf(call);
    const context = { ...writeContextOf(call, options.dryRun), options, isOfCollection: true };
    const page = await readList(
      selectionOf(call.info, kind),
      listOptionsOf(call.info),
      this.#options,
      call.request.signal,
    );
    for (const { object } of page.items) {
      const { namespace = "", name } = object.metadata;
      const target = { kind, namespace, name, subresource: "" };
      await this.#options.registry.delete(target, options, context).catch(unlessGone);
    }
    return listAnswer(kind, { ...page, items: await shownAs(kind, page.items) }, form);
  }

  #decode(kind: Kind, call: Call): KubeObject {
    const { request, warnings } = call;
    const decoded = decodeBody(
      bodyOf(request),
      request.headers["content-type"],
      kind,
      fieldValidationOf(call),
    );
    warnings.push(...decoded.warnings);
    const object = decoded.object;
    object.metadata ??= { name: "" };
    return object;
  }
}

export function bodyOf({ body }: ApiRequest): Buffer {
  if (body === undefined) return EMPTY;
  return Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.length);
}

export function targetOf(kind: Kind, info: RequestInfo): Target {
  const { name, subresource } = info;
  return { kind, namespace: namespaceOf(kind, info), name, subresource };
}

export function namespaceOf(kind: Kind, { namespace }: RequestInfo): string {
  return kind.namespaced ? namespace : "";
}

export function writeContextOf(call: Call, dryRunInBody: string[] = []): WriteContext {
  return {
    user: call.user,
    isDryRun: isDryRunOf(call, dryRunInBody),
    options: optionsIn(call),
    ...(call.askedAs && { askedAs: call.askedAs }),
    ...(isApply(call) ? { isCreatedByPatch: true } : { manager: managerOf(call) }),
    warn: (sentence) => void call.warnings.push(sentence),
    ...(call.annotate && { annotate: call.annotate }),
  };
}

/** Of a patch too, only what an update or a creation may be asked. */
function optionsIn({ info }: Call): object {
  const fields = ["fieldManager", "fieldValidation"].flatMap((name) => {
    const value = info.query.get(name);
    return value ? [[name, value]] : [];
  });
  return Object.fromEntries(fields);
}

function deleteOptionsOf({ request, info }: Call): DeleteOptions {
  const options = decodeDeleteOptions<DeleteOptions>(
    bodyOf(request),
    request.headers["content-type"],
  );
  const { query } = info;
  const policy = query.get("propagationPolicy");
  if (query.get("gracePeriodSeconds")) {
    options.gracePeriodSeconds ??= integerOf(query, "gracePeriodSeconds");
  }
  if (policy) options.propagationPolicy ??= policy;
  if (query.has("orphanDependents")) options.orphanDependents ??= isSet(query, "orphanDependents");
  return options;
}

/** An object sent with its uid is meant for that one, and for no successor of the same name. */
function checkUid(kind: Kind, { metadata }: KubeObject, uid: string): void {
  if (metadata.uid === uid) return;
  const key = storageKey(kind, metadata.namespace, metadata.name);
  const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`;
  throw conflict(kind, metadata.name, why);
}

function unlessGone(error: unknown): void {
  const reason = (error as { status?: { reason?: string } }).status?.reason;
  if (reason !== "NotFound") throw error;
}
