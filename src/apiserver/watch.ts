/**
 * Watches: the changes of a selection as a stream of lines, one for each, in order, none twice and none
 * left out. A line is encoded once and shared by all who watch the same form of the same object.
 *
 * Its rule: a watcher that cannot keep up is ended, not buffered without limit; it can list and watch
 * again. So is one whose past is no longer remembered, with an ERROR event that says 410.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/watch.go,
 * pkg/storage/cacher/{cacher,cache_watcher}.go
 */
import { type ApiError, expired } from "../api/errors.ts";
import { apiVersionOf } from "../api/kind.ts";
import type { Sink } from "../client/transport.ts";
import { type Clock, every } from "../component/clock.ts";
import type { Random } from "../component/random.ts";
import { viewOf, type WatchedResource } from "./custom-resources/version-view.ts";
import type { WatchOptions } from "./list-options.ts";
import type { Selection } from "./selection.ts";
import { type CachedEvent, type CachedObject, watchLine } from "./storage/cached-object.ts";
import { TooOldError } from "./storage/event-ring.ts";
import type { StoreWatch } from "./storage/store.ts";
import type { WatchCache } from "./storage/watch-cache.ts";
import { Backlog } from "./watch-backlog.ts";

export type WatchType = CachedEvent["type"];

/** Writes one event in the form the client wants: the object, a row, its metadata. */
export type LineOf = (type: WatchType | "BOOKMARK", object: CachedObject | object) => Buffer;

export interface WatchContext {
  cache: WatchCache;
  clock: Clock;
  random: Random;
  /** Absent: the object as it is, in the lines all watchers share. */
  lineOf?: LineOf;
  signal?: AbortSignal;
}

const BOOKMARK_PERIOD_MS = 60_000;
const LAST_BOOKMARK_MS = 2_000;
const TIMEOUT_MIN_SECONDS = 1_800;
const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

/** Waits until the cache is as new as was asked for, and then returns what starts the stream. */
export async function prepareWatch(
  selection: Selection,
  options: WatchOptions,
  context: WatchContext,
): Promise<(sink: Sink) => void> {
  const { cache, signal } = context;
  const { resourceVersion, revision, sendInitialEvents } = options;
  if (resourceVersion === "") await cache.fresh(signal);
  else if (sendInitialEvents) await cache.waitFor(revision, signal);
  const stored = cache.resource(`/registry/${selection.kind.storagePrefix}/`);
  const resource = await viewOf(selection.kind, stored, selection.prefix);
  return (sink) => new Watching(selection, options, { ...context, resource }, sink).start();
}

/** What is watched, in the version it is watched in. */
type WatchingContext = WatchContext & { resource: WatchedResource };

class Watching {
  readonly #selection: Selection;
  readonly #options: WatchOptions;
  readonly #context: WatchingContext;
  readonly #resource: WatchedResource;
  readonly #sink: Sink;
  readonly #timers = new AbortController();
  readonly #backlog: Backlog;
  #watch: StoreWatch | undefined;
  #hasEnded = false;

  constructor(selection: Selection, options: WatchOptions, context: WatchingContext, sink: Sink) {
    this.#selection = selection;
    this.#options = options;
    this.#context = context;
    this.#sink = sink;
    this.#backlog = new Backlog(sink);
    this.#resource = context.resource;
  }

  start(): void {
    const { closed } = this.#sink;
    if (closed.aborted) return;
    closed.addEventListener("abort", () => this.#stop(), { once: true });
    const from = this.#sendInitial();
    try {
      this.#watch = this.#resource.watch(from, {
        onEvents: (events) => this.#onEvents(events),
        onError: () => this.#end(),
      });
    } catch (error) {
      if (!(error instanceof TooOldError)) throw error;
      this.#send(errorLine(expired(error.message)));
      this.#end();
      return;
    }
    this.#setTimers();
  }

  /** Sends what there is, where the client has nothing yet. Returns the revision to go on from. */
  #sendInitial(): number {
    const { resourceVersion, revision, sendInitialEvents } = this.#options;
    const wantsInitial = sendInitialEvents ?? (resourceVersion === "" || resourceVersion === "0");
    if (!wantsInitial) return resourceVersion === "" ? this.#resource.revision : revision;
    const { items, revision: shown } = this.#resource.list(this.#selection.prefix);
    const chosen = items.filter((item) => this.#selection.matches(item));
    this.#backlog.begin(chosen, (item) => this.#line("ADDED", item));
    if (sendInitialEvents) this.#sendBookmark(shown, { [INITIAL_EVENTS_END]: "true" });
    return shown;
  }

  #onEvents(events: readonly CachedEvent[]): void {
    if (this.#takesAll(events)) {
      this.#send(linesOf(events));
      return;
    }
    for (const event of events) {
      if (this.#hasEnded) return;
      const line = this.#lineFor(event);
      if (line !== undefined) this.#send(line);
    }
  }

  /** As they are. A slow receiver is given them one by one, for its backlog is counted in lines. */
  #takesAll(events: readonly CachedEvent[]): boolean {
    const { isEverything, prefix } = this.#selection;
    if (!isEverything || this.#context.lineOf !== undefined || this.#backlog.isBehind) return false;
    return events.every(({ current }) => current.key.startsWith(prefix));
  }

  /** What a change is to this watcher: an object may come into its selection, or leave it. */
  #lineFor(event: CachedEvent): Buffer | undefined {
    const { current, previous, type } = event;
    if (!current.key.startsWith(this.#selection.prefix)) return undefined;
    const { isEverything } = this.#selection;
    const was = previous !== undefined && (isEverything || this.#selection.matches(previous));
    const is = type !== "DELETED" && (isEverything || this.#selection.matches(current));
    if (!was && !is) return undefined;
    const seen: WatchType = !was ? "ADDED" : is ? "MODIFIED" : "DELETED";
    if (seen === type && this.#context.lineOf === undefined) return event.line;
    return this.#line(seen, seen === "DELETED" ? event.departed : current);
  }

  #line(type: WatchType, object: CachedObject): Buffer {
    return this.#context.lineOf?.(type, object) ?? watchLine(type, object);
  }

  #send(line: Buffer): void {
    if (this.#hasEnded) return;
    if (this.#backlog.isBehind) {
      if (!this.#backlog.add(line)) this.#end();
    } else if (!this.#sink.write(line)) this.#backlog.wait();
  }

  #setTimers(): void {
    const { clock, random } = this.#context;
    const { signal } = this.#timers;
    const { timeoutSeconds, allowsBookmarks } = this.#options;
    const seconds = timeoutSeconds || TIMEOUT_MIN_SECONDS * (1 + random.next());
    after(clock, seconds * 1000, signal, () => this.#end());
    if (!allowsBookmarks) return;
    const bookmark = () => this.#sendBookmark(this.#resource.revision);
    every(clock, BOOKMARK_PERIOD_MS, signal, bookmark);
    after(clock, Math.max(seconds * 1000 - LAST_BOOKMARK_MS, 0), signal, bookmark);
  }

  /** Says: up to here you have seen everything. Not while something is still waiting to be sent. */
  #sendBookmark(revision: number, annotations?: Record<string, string>): void {
    const { kind } = this.#selection;
    const object = {
      kind: kind.kind,
      apiVersion: apiVersionOf(kind),
      metadata: {
        resourceVersion: String(revision),
        creationTimestamp: null,
        ...(annotations === undefined ? {} : { annotations }),
      },
    };
    if (this.#backlog.isBehind && annotations === undefined) return;
    const line = this.#context.lineOf?.("BOOKMARK", object);
    this.#send(line ?? Buffer.from(`${JSON.stringify({ type: "BOOKMARK", object })}\n`));
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#stop();
    this.#sink.end();
  }

  #stop(): void {
    this.#hasEnded = true;
    this.#watch?.stop();
    this.#backlog.stop();
    this.#timers.abort();
  }
}

const batches = new WeakMap<readonly CachedEvent[], Buffer>();

/** The lines of one batch in one piece, put together for the first of the many who are told all of it. */
function linesOf(events: readonly CachedEvent[]): Buffer {
  if (events.length === 1) return events[0]!.line;
  let lines = batches.get(events);
  if (lines === undefined) {
    lines = Buffer.concat(events.map(({ line }) => line));
    batches.set(events, lines);
  }
  return lines;
}

function errorLine({ status }: ApiError): Buffer {
  return Buffer.from(`${JSON.stringify({ type: "ERROR", object: status })}\n`);
}

function after(clock: Clock, delayMs: number, signal: AbortSignal, callback: () => void): void {
  const timer = clock.setTimeout(callback, delayMs);
  signal.addEventListener("abort", timer.cancel, { once: true });
}
