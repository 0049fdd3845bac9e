/**
 * Lists: which objects, at which revision, and where the next page begins.
 *
 * Its rule: all pages of a list show one revision, that of the first page. The newest and "any" come
 * from the watch cache; a past revision comes from the store.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/storage/{cacher,etcd3} and continue.go.
 */
import { type ApiError, badRequest, expired } from "../api/errors.ts";
import { JsonError, readJson } from "./decode/json-reader.ts";
import type { ListOptions } from "./list-options.ts";
import type { Selection } from "./selection.ts";
import { CachedObject } from "./storage/cached-object.ts";
import { CompactedError, type Store } from "./storage/store.ts";
import type { WatchCache } from "./storage/watch-cache.ts";

export interface Page {
  items: CachedObject[];
  revision: number;
  /** "" where this is the last page. */
  continue: string;
  remainingItemCount?: number;
}

interface Place {
  /** Below 0: whatever is newest; a list that began too long ago goes on like this. */
  revision: number;
  from: string;
}

/** The store is read in pieces where a selector may leave little of each. */
const PIECE = 500;
/** The next key after `key` in byte order is `key` and this. */
const JUST_AFTER = "\u0000";

const EXPIRED_LIST = "The resourceVersion for the provided list is too old.";
const EXPIRED_CONTINUE =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

export async function readList(
  selection: Selection,
  options: ListOptions,
  { store, cache }: { store: Store; cache: WatchCache },
  signal?: AbortSignal,
): Promise<Page> {
  if (options.continue !== "") return readOn(selection, options, store);
  if (isPast(options)) {
    const { revision, limit } = options;
    return readPast(selection, { revision, from: selection.prefix }, limit, store).catch(tooOld);
  }
  if (options.resourceVersion === "") await cache.fresh(signal);
  else await cache.waitFor(options.revision, signal);
  return firstPage(selection, options, cache);
}

/** Asked for exactly, or, as it was before there was a way to say so, together with a limit. */
function isPast({ match, revision, limit }: ListOptions): boolean {
  return match === "Exact" || (match === "" && revision > 0 && limit > 0);
}

function firstPage(selection: Selection, options: ListOptions, cache: WatchCache): Page {
  const resource = cache.resource(selectionRoot(selection));
  const { items: all, revision } = resource.list(selection.prefix);
  const matching = selection.isEverything ? all : all.filter(selection.matches);
  // "Any" is what the cache has, whole.
  const limit = options.resourceVersion === "0" ? 0 : options.limit;
  if (limit === 0 || matching.length <= limit) return { items: matching, revision, continue: "" };
  const items = matching.slice(0, limit);
  const from = items.at(-1)!.key + JUST_AFTER;
  return {
    items,
    revision,
    continue: tokenOf({ revision, from }, selection),
    ...(selection.isEverything ? { remainingItemCount: matching.length - limit } : {}),
  };
}

function selectionRoot({ kind }: Selection): string {
  return `/registry/${kind.storagePrefix}/`;
}

async function readOn(selection: Selection, options: ListOptions, store: Store): Promise<Page> {
  if (options.resourceVersion !== "" && options.resourceVersion !== "0") {
    throw badRequest("specifying resource version is not allowed when using continue");
  }
  const place = placeOf(options.continue, selection);
  try {
    return await readPast(selection, place, options.limit, store);
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    throw expiredContinue(tokenOf({ ...place, revision: -1 }, selection));
  }
}

/** Reads piece by piece until the page is full. */
async function readPast(
  selection: Selection,
  place: Place,
  limit: number,
  store: Store,
): Promise<Page> {
  const items: CachedObject[] = [];
  let { from, revision } = place;
  for (;;) {
    const isWhole = selection.isEverything && limit > 0;
    const piece = await store.list(selection.prefix, {
      from,
      limit: isWhole ? limit - items.length : limit === 0 ? 0 : PIECE,
      ...(revision >= 0 ? { revision } : {}),
    });
    revision = piece.revision;
    let last = -1;
    for (const [i, { key, createRevision, modRevision, value }] of piece.items.entries()) {
      const object = new CachedObject(key, createRevision, modRevision, value);
      if (!selection.matches(object)) continue;
      items.push(object);
      last = i;
      if (items.length === limit) break;
    }
    if (items.length === limit && limit > 0) {
      const remaining = piece.remaining + (piece.items.length - 1 - last);
      if (remaining === 0) return { items, revision, continue: "" };
      const token = tokenOf({ revision, from: items.at(-1)!.key + JUST_AFTER }, selection);
      const count = selection.isEverything ? { remainingItemCount: remaining } : {};
      return { items, revision, continue: token, ...count };
    }
    if (piece.remaining === 0) return { items, revision, continue: "" };
    from = piece.items.at(-1)!.key + JUST_AFTER;
  }
}

/** Opaque to the client; Kubernetes' own format. */
function tokenOf({ revision, from }: Place, { prefix }: Selection): string {
  const start = from.slice(prefix.length);
  const token = JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start });
  return Buffer.from(token).toString("base64url");
}

function placeOf(token: string, { prefix }: Selection): Place {
  const { v = "", rv = 0, start = "" } = parseToken(token);
  if (v !== "meta.k8s.io/v1") {
    throw badToken(`server does not recognize this encoded version ${String(v)}`);
  }
  if (typeof rv !== "number" || rv === 0) {
    throw badToken("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  }
  if (typeof start !== "string" || start === "") {
    throw badToken("encoded start key empty (version meta.k8s.io/v1)");
  }
  if (`/${start}`.split("/").some((part) => part === "." || part === "..")) {
    throw badToken(start);
  }
  return { revision: rv, from: prefix + start };
}

function parseToken(token: string): { v?: unknown; rv?: unknown; start?: unknown } {
  const odd = /[^A-Za-z0-9_-]/.exec(token)?.index ?? (token.length % 4 === 1 ? token.length : -1);
  if (odd >= 0) throw badToken(`illegal base64 data at input byte ${odd}`);
  try {
    return (readJson(Buffer.from(token, "base64url"), false).value ?? {}) as object;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw badToken(error.message);
  }
}

function badToken(why: string): ApiError {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`);
}

function tooOld(error: unknown): never {
  if (error instanceof CompactedError) throw expired(EXPIRED_LIST);
  throw error;
}

/** The answer says how to go on all the same. */
function expiredContinue(token: string): ApiError {
  const error = expired(EXPIRED_CONTINUE);
  Object.assign(error.status.metadata, { continue: token });
  return error;
}
