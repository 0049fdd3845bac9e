/**
 * The end of a stream (a watch, a log) on the wire. What is written in one turn of the event loop leaves in one
 * piece when the turn is over; and those who are told the same, as watchers are, share that piece. So a hundred
 * watchers of ten changes cost a hundred writes, not a thousand, and one copy.
 *
 * Its rule: whoever writes is told when the receiver falls behind, and nothing is held for longer than a turn.
 *
 * In Kubernetes: the http.Flusher that a watch calls after each event, where Go's scheduler does the gathering.
 */
import type http from "node:http";
import type { Writable } from "node:stream";
import type { Sink } from "../client/transport.ts";

/** A receiver that has so much yet to take is slow. */
const BEHIND_BYTES = 128 * 1024;
const LINE_END = Buffer.from("\r\n");
const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/** `cut` ends it so that the receiver does not take it for complete. */
export function sinkTo(to: Writable, closed: AbortSignal, cut: () => void): Sink {
  return new WireSink(to, closed, cut, false);
}

/**
 * For HTTP/1.1, whose headers have been sent. The chunks its body is sent in are made here and not by Node, which
 * would make each in four pieces, and for each receiver anew. HTTP/1.0 has none.
 */
export function http1SinkTo(res: http.ServerResponse, closed: AbortSignal): Sink {
  const isChunked = res.chunkedEncoding;
  res.chunkedEncoding = false;
  return new WireSink(res, closed, () => res.destroy(), isChunked);
}

class WireSink implements Sink {
  readonly closed: AbortSignal;
  readonly fail: () => void;
  readonly #to: Writable;
  readonly #isChunked: boolean;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(to: Writable, closed: AbortSignal, cut: () => void, isChunked: boolean) {
    this.closed = closed;
    this.fail = cut;
    this.#to = to;
    this.#isChunked = isChunked;
  }

  write(piece: Uint8Array): boolean {
    if (this.#to.destroyed) return false;
    if (this.#pieces.length === 0) flushLater(this);
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    return this.#bytes + this.#to.writableLength < BEHIND_BYTES;
  }

  flush(): void {
    const pieces = this.#pieces;
    if (this.#bytes > 0 && !this.#to.destroyed) this.#to.write(joined(pieces, this.#isChunked));
    this.#pieces = [];
    this.#bytes = 0;
  }

  drained(): Promise<void> {
    this.flush();
    return drained(this.#to, this.closed);
  }

  end(): void {
    this.flush();
    if (this.#isChunked) this.#to.end(LAST_CHUNK);
    else this.#to.end();
  }
}

/** Those with something to send when this turn is over. */
let waiting: WireSink[] = [];

function flushLater(sink: WireSink): void {
  if (waiting.length === 0) setImmediate(flushAll);
  waiting.push(sink);
}

function flushAll(): void {
  const sinks = waiting;
  waiting = [];
  for (const sink of sinks) sink.flush();
  latest = undefined;
}

/** What was put together for the one before. */
let latest: { pieces: Uint8Array[]; isChunked: boolean; whole: Uint8Array } | undefined;

function joined(pieces: Uint8Array[], isChunked: boolean): Uint8Array {
  if (latest?.isChunked === isChunked && areSame(latest.pieces, pieces)) return latest.whole;
  const whole = isChunked
    ? chunkOf(pieces)
    : pieces.length === 1
      ? pieces[0]!
      : Buffer.concat(pieces);
  latest = { pieces, isChunked, whole };
  return whole;
}

function areSame(some: Uint8Array[], others: Uint8Array[]): boolean {
  return some.length === others.length && some.every((piece, i) => piece === others[i]);
}

function chunkOf(pieces: Uint8Array[]): Buffer {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return Buffer.concat([Buffer.from(`${length.toString(16)}\r\n`), ...pieces, LINE_END]);
}

function drained(to: Writable, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (closed.aborted || !to.writableNeedDrain) return resolve();
    const done = () => {
      to.off("drain", done);
      closed.removeEventListener("abort", done);
      resolve();
    };
    to.on("drain", done);
    closed.addEventListener("abort", done, { once: true });
  });
}
