/**
 * A client that follows one collection as an informer does: a list or initial events, then a watch, and after
 * each cut a watch from where it was; told that this is too long ago, it begins anew. It keeps what it was told.
 */
import type { KubeObject } from "../../src/api/kind.ts";
import type { Transport } from "../../src/client/transport.ts";
import { ask, openWatch, type TestWatch } from "../support/api-request.ts";
import { eventually } from "../support/eventually.ts";

/** One stretch without a gap: what was there at `from`, and every event since. */
export interface Stretch {
  from: number;
  start: Map<string, number>;
  events: string[];
  to: number;
}

const INITIAL = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
const versionOf = ({ metadata }: KubeObject) => Number(metadata.resourceVersion);

export class WatchFollower {
  readonly stretches: Stretch[] = [];
  readonly #path: string;
  readonly #query: string;
  readonly #usesInitialEvents: boolean;
  #watch: TestWatch | undefined;
  #taken = 0;

  constructor(path: string, labelSelector: string, usesInitialEvents: boolean) {
    this.#path = path;
    this.#query = labelSelector === "" ? "" : `&labelSelector=${encodeURIComponent(labelSelector)}`;
    this.#usesInitialEvents = usesInitialEvents;
  }

  /** Opens a watch where it was cut; begins anew where it never was or is told 410. */
  async resume(transport: Transport): Promise<void> {
    const last = this.stretches.at(-1);
    if (last === undefined) return this.#begin(transport);
    await this.#open(transport, `resourceVersion=${last.to}`);
    await eventually(() => {
      if (this.#watch!.hasEnded) return;
      if (this.#watch!.events[0]?.type === "ERROR") throw new Error("told, but not ended");
    });
    if (this.#watch!.events[0]?.type !== "ERROR") return;
    const { code } = this.#watch!.events[0].object as unknown as { code: number };
    if (code !== 410) throw new Error(this.#watch!.lines[0]);
    await this.#begin(transport);
  }

  /** Takes what has come, and hears no more. */
  cut(): void {
    this.#take();
    this.#watch?.close();
    this.#watch = undefined;
  }

  /** Waits for the last event there is for this follower. */
  async caughtUp(lastVersion: number): Promise<void> {
    await eventually(() => {
      this.#take();
      const { to } = this.stretches.at(-1)!;
      if (to < lastVersion) throw new Error(`still at ${to} of ${lastVersion}`);
    });
  }

  async #begin(transport: Transport): Promise<void> {
    if (this.#usesInitialEvents) return this.#beginWithEvents(transport);
    const { json } = await ask(transport, "GET", `${this.#path}?${this.#query.slice(1)}`);
    const from = Number(json.metadata.resourceVersion);
    this.#start(from, json.items);
    await this.#open(transport, `resourceVersion=${from}`);
  }

  async #beginWithEvents(transport: Transport): Promise<void> {
    await this.#open(transport, INITIAL);
    const watch = this.#watch!;
    const end = await eventually(() => {
      const at = watch.events.findIndex(({ object }) => object.metadata.annotations !== undefined);
      if (at < 0) throw new Error("the initial events have not ended");
      return at;
    });
    const initial = watch.events.slice(0, end).map(({ object }) => object);
    this.#start(versionOf(watch.events[end]!.object), initial);
    this.#taken = end + 1;
  }

  async #open(transport: Transport, options: string): Promise<void> {
    this.#watch = await openWatch(transport, `${this.#path}?watch=1&${options}${this.#query}`);
    this.#taken = 0;
  }

  #start(from: number, objects: KubeObject[]): void {
    const start = new Map(objects.map((one) => [one.metadata.name, versionOf(one)]));
    this.stretches.push({ from, start, events: [], to: from });
  }

  #take(): void {
    const stretch = this.stretches.at(-1);
    if (stretch === undefined || this.#watch === undefined) return;
    const { events } = this.#watch;
    for (const { type, object } of events.slice(this.#taken)) {
      if (type === "ERROR") continue;
      stretch.to = versionOf(object);
      if (type !== "BOOKMARK") stretch.events.push(`${type} ${object.metadata.name} ${stretch.to}`);
    }
    this.#taken = events.length;
  }
}
