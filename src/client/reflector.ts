/**
 * The half of an informer that talks to the server: list, watch, resume, list again.
 *
 * Rule: what it reports is a history without gaps. After `replaced` at revision R come all changes
 * after R in order; where a gap is possible (410) another `replaced` comes instead.
 *
 * In Kubernetes: k8s.io/client-go/tools/cache/reflector.go. Differs: the first tries after a
 * broken watch are made at once; a watch that is silent for longer than it may live is given up.
 */
import { ApiError, isExpired, type Status } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { type Clock, pause } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { Random } from "../component/random.ts";
import { type Client, type List, pathOf, queryOf, type Selection } from "./client.ts";
import { readLines } from "./watch-lines.ts";

export interface Changes<T extends KubeObject> {
  replaced(items: T[], revision: number): void;
  changed(type: "ADDED" | "MODIFIED" | "DELETED", obj: T): void;
  /** Nothing else has changed up to `revision`. */
  progressed(revision: number): void;
}

export interface ReflectorContext {
  client: Client;
  clock: Clock;
  random: Random;
  log: Log;
  signal: AbortSignal;
}

interface WatchEvent<T extends KubeObject> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: T | Status;
}

const TRIES_AT_ONCE = 2;
const FIRST_RETRY_MS = 800;
const LAST_RETRY_MS = 30_000;
/** The server is asked to end a watch after this time, or up to twice as long. */
const WATCH_S = 300;
const SHORT_WATCH_MS = 1_000;
/** How much longer than asked for a watch may live before it is taken for dead. */
const WATCH_GRACE_MS = 30_000;

export class Reflector<T extends KubeObject> {
  readonly #kind: Kind<T>;
  readonly #selection: Selection;
  readonly #context: ReflectorContext;
  readonly #changes: Changes<T>;
  /** Where to watch on from; undefined: list first. */
  #position: string | undefined;
  /** The version a new list must not be older than; "": the newest there is. */
  #listFrom = "0";
  #failures = 0;
  /** Whether the present watch brought anything, or lasted. */
  #isFruitful = false;

  constructor(kind: Kind<T>, selection: Selection, context: ReflectorContext, changes: Changes<T>) {
    this.#kind = kind;
    this.#selection = selection;
    this.#context = context;
    this.#changes = changes;
  }

  /** Runs until the signal aborts. Never rejects. */
  async run(): Promise<void> {
    const { signal, clock } = this.#context;
    while (!signal.aborted) {
      try {
        await this.#listAndWatch();
      } catch (error) {
        if (signal.aborted) return;
        this.#report(error);
        const delayMs = this.#nextDelayMs();
        if (delayMs > 0) await pause(clock, delayMs, signal);
      }
    }
  }

  async #listAndWatch(): Promise<void> {
    if (this.#position === undefined) await this.#list();
    const { clock } = this.#context;
    const startedMs = clock.monotonicMs();
    this.#isFruitful = false;
    try {
      await this.#watch();
      this.#isFruitful ||= clock.monotonicMs() - startedMs >= SHORT_WATCH_MS;
      if (!this.#isFruitful) throw new Error("the watch ended at once and brought nothing");
    } finally {
      if (this.#isFruitful) this.#failures = 0;
    }
  }

  async #list(): Promise<void> {
    const { client } = this.#context;
    const options = this.#listFrom === "" ? {} : { resourceVersion: this.#listFrom };
    let list: List<T>;
    try {
      list = await client.list(this.#kind, { ...this.#selection, ...options });
    } catch (error) {
      if (isExpired(error) || isTooLargeVersion(error)) this.#listFrom = "";
      throw error;
    }
    const items = list.items.map((item) => this.#tidy(item));
    this.#changes.replaced(items, Number(list.metadata.resourceVersion));
    this.#moveTo(list.metadata.resourceVersion);
  }

  async #watch(): Promise<void> {
    const { client, clock, random, signal } = this.#context;
    const { namespace, ...selectors } = this.#selection;
    const timeoutSeconds = Math.round(WATCH_S * (1 + random.next()));
    const query = queryOf({
      watch: 1,
      allowWatchBookmarks: true,
      resourceVersion: this.#position,
      timeoutSeconds,
      ...selectors,
    });
    const tooLong = new AbortController();
    const limitMs = timeoutSeconds * 1000 + WATCH_GRACE_MS;
    const timer = clock.setTimeout(() => tooLong.abort(new WatchTooLong()), limitMs);
    const either = AbortSignal.any([signal, tooLong.signal]);
    try {
      const path = pathOf(this.#kind, namespace) + query;
      const { body } = await client.send("GET", path, undefined, { signal: either });
      await readLines(body, either, (line) => this.#receive(JSON.parse(line) as WatchEvent<T>));
    } catch (error) {
      if (isExpired(error) || isTooLargeVersion(error)) this.#position = undefined;
      if (isTooLargeVersion(error)) this.#listFrom = "";
      throw error;
    } finally {
      timer.cancel();
    }
  }

  #receive({ type, object }: WatchEvent<T>): void {
    if (type === "ERROR") {
      const status = object as Status;
      throw ApiError.fromStatus(status.code ?? 500, status);
    }
    const obj = object as T;
    this.#isFruitful = true;
    if (type === "BOOKMARK") this.#changes.progressed(Number(obj.metadata.resourceVersion));
    else this.#changes.changed(type, this.#tidy(obj));
    this.#moveTo(obj.metadata.resourceVersion!);
  }

  #moveTo(resourceVersion: string): void {
    this.#position = resourceVersion;
    this.#listFrom = resourceVersion;
  }

  /** managedFields are most of an object and read by no one. */
  #tidy(obj: T): T {
    delete obj.metadata.managedFields;
    return obj;
  }

  #report(error: unknown): void {
    const { log } = this.#context;
    const fields = { kind: this.#kind.kind, resourceVersion: this.#position ?? this.#listFrom };
    const isQuiet = isExpired(error) || error instanceof WatchTooLong || this.#failures < 1;
    if (isQuiet) log.info(`Watch ended: ${messageOf(error)}`, fields, 2);
    else log.warn(`Failed to list or watch: ${messageOf(error)}`, fields);
  }

  /**
   * At once after the first failures in a row (a watch cut, and then found to have expired), then
   * doubling, up to twice as long by chance.
   */
  #nextDelayMs(): number {
    const retries = this.#failures++ - TRIES_AT_ONCE;
    if (retries < 0) return 0;
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** retries, LAST_RETRY_MS);
    return delayMs * (1 + this.#context.random.next());
  }
}

class WatchTooLong extends Error {
  override readonly name = "WatchTooLong";
  constructor() {
    super("the watch outlived its timeout");
  }
}

/** The server does not know this version yet: it is behind, or began anew. Old servers say it in words. */
function isTooLargeVersion(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const { causes = [] } = error.status.details ?? {};
  return (
    causes.some(({ reason }) => reason === "ResourceVersionTooLarge") ||
    error.message.includes("Too large resource version")
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
