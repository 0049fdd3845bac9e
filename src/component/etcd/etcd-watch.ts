/**
 * A watch on etcd that survives its connection.
 *
 * It goes on after the mod_revision of the last event it has delivered: the revision in a response's
 * header is the store's newest, and going on from that one would lose what lies between. An answer that
 * comes in fragments is delivered when its last one is here, so that no revision is ever torn.
 *
 * In Kubernetes: go.etcd.io/etcd/client/v3/watch.go
 */
import type { IEvent, IWatchResponse } from "etcd3";
import type { Clock, Timer } from "../clock.ts";
import type { Log } from "../log.ts";
import type { EtcdConnection, WatchStream } from "./etcd-connection.ts";
import { rangeOf } from "./etcd-range.ts";

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

export interface EtcdWatchHandler {
  /** Whole revisions, in their order; the last one's is told. What it throws ends the watch. */
  onEvents(events: IEvent[], revision: number): void;
  /** etcd no longer has the changes after which the watch would go on. It has ended. */
  onCompacted(compactRevision: number): void;
  /** It has ended for another reason. */
  onError(error: Error): void;
}

export interface EtcdWatchOptions {
  connection: EtcdConnection;
  prefix: string;
  fromRevision: number;
  handler: EtcdWatchHandler;
  clock: Clock;
  log: Log;
}

export class EtcdWatch {
  readonly #options: EtcdWatchOptions;
  #next: number;
  #fragments: IEvent[] = [];
  #stream: WatchStream | undefined;
  /** Where the stream leads. */
  #endpoint = "";
  #retryMs = FIRST_RETRY_MS;
  #retry: Timer | undefined;
  #isStopped = false;

  constructor(options: EtcdWatchOptions) {
    this.#options = options;
    this.#next = Math.max(options.fromRevision, 1);
    void this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    this.#retry?.cancel();
    this.#drop();
  }

  async #connect(): Promise<void> {
    const { connection } = this.#options;
    this.#endpoint = connection.endpoint;
    const range = rangeOf(this.#options.prefix);
    let stream: WatchStream;
    try {
      stream = await connection.openWatch(range);
    } catch (error) {
      return this.#reconnect(error as Error);
    }
    // Listened to even when it is no longer wanted: an unheard "error" would end the process.
    stream.on("error", (error) => this.#onBroken(stream, error));
    stream.on("end", () => this.#onBroken(stream, new Error("the server has ended the watch")));
    if (this.#isStopped) return cancel(stream);
    this.#stream = stream;
    this.#fragments = [];
    stream.on("data", (response) => this.#onResponse(stream, response));
    const request = { ...range, start_revision: this.#next, prev_kv: true, fragment: true };
    stream.write({ create_request: request });
  }

  #onBroken(stream: WatchStream, error: Error): void {
    if (stream !== this.#stream) return;
    this.#drop();
    this.#reconnect(error);
  }

  #reconnect(error: Error): void {
    if (this.#isStopped) return;
    const { connection, clock, log } = this.#options;
    const told = { endpoint: this.#endpoint, revision: this.#next, err: error.message };
    // An outage is worth one warning, not one for each attempt.
    if (this.#retryMs === FIRST_RETRY_MS) log.warn("The watch on etcd broke; resuming", told);
    else log.info("The watch on etcd is still broken", told, 2);
    connection.leave(this.#endpoint);
    this.#retry = clock.setTimeout(() => void this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  #onResponse(stream: WatchStream, response: IWatchResponse): void {
    if (stream !== this.#stream) return;
    const compactRevision = Number(response.compact_revision);
    if (compactRevision > 0) this.#forgotten(compactRevision);
    else if (response.canceled) this.#onBroken(stream, new Error(response.cancel_reason));
    else this.#onEvents(response);
  }

  #onEvents(response: IWatchResponse): void {
    if (response.created) this.#retryMs = FIRST_RETRY_MS;
    this.#fragments.push(...response.events);
    if (response.fragment || this.#fragments.length === 0) return;
    const events = this.#fragments;
    this.#fragments = [];
    // etcd has forgotten what a change replaced: nobody can be told what was deleted.
    if (events.some(isTorn)) this.#forgotten(this.#next);
    else this.#deliver(events);
  }

  #deliver(events: IEvent[]): void {
    const revision = Number(events.at(-1)!.kv.mod_revision);
    this.#next = revision + 1;
    try {
      this.#options.handler.onEvents(events, revision);
    } catch (error) {
      this.#options.log.error("A watch failed", error);
      this.#fail(error as Error);
    }
  }

  #forgotten(compactRevision: number): void {
    this.stop();
    this.#options.handler.onCompacted(compactRevision);
  }

  #fail(error: Error): void {
    this.stop();
    this.#options.handler.onError(error);
  }

  #drop(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream) cancel(stream);
  }
}

/** grpc-js' streams can be cancelled; etcd3's type of them does not say so. */
function cancel(stream: WatchStream): void {
  (stream as WatchStream & { cancel(): void }).cancel();
}

function isTorn({ type, kv, prev_kv }: IEvent): boolean {
  return prev_kv === null && (type === "Delete" || kv.create_revision !== kv.mod_revision);
}
