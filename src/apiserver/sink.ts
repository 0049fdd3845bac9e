/**
 * The end of a stream (a watch, a log) on the wire. What is written in one turn of the event loop leaves in one
 * piece when the turn is over, so that a hundred watchers of ten changes cost a hundred writes and not a thousand.
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
const LINE_END = "\r\n";
const LAST_CHUNK = Buffer.from(`0${LINE_END}${LINE_END}`);

/** `cut` ends it so that the receiver does not take it for complete. */
export function sinkTo(to: Writable, closed: AbortSignal, cut: () => void): Sink {
  return {
    closed,
    write(piece) {
      if (to.destroyed) return false;
      hold(to);
      to.write(piece);
      return to.writableLength < BEHIND_BYTES;
    },
    drained: () => drained(to, closed),
    end() {
      held.delete(to);
      to.end();
    },
    fail: cut,
  };
}

/**
 * For HTTP/1.1, whose headers have been sent. The chunks a body is sent in are made here and not by Node, which
 * would make them in four pieces, and for each receiver anew.
 */
export function http1SinkTo(res: http.ServerResponse, closed: AbortSignal): Sink {
  const sink = sinkTo(res, closed, () => res.destroy());
  // Not for HTTP/1.0, which has none.
  if (!res.chunkedEncoding) return sink;
  res.chunkedEncoding = false;
  return {
    ...sink,
    write: (piece) => (piece.length === 0 ? true : sink.write(chunkOf(piece))),
    end() {
      held.delete(res);
      res.end(LAST_CHUNK);
    },
  };
}

/** What is told to many is told to them one after the other: the next one gets the same chunk. */
let latest: { piece: Uint8Array; chunk: Buffer } | undefined;

function chunkOf(piece: Uint8Array): Buffer {
  if (latest?.piece === piece) return latest.chunk;
  const length = piece.length.toString(16) + LINE_END;
  const chunk = Buffer.allocUnsafeSlow(length.length + piece.length + LINE_END.length);
  chunk.write(length, "latin1");
  chunk.set(piece, length.length);
  chunk.write(LINE_END, length.length + piece.length, "latin1");
  latest = { piece, chunk };
  return chunk;
}

/** Those with something to send when this turn is over. */
const held = new Set<Writable>();

function hold(to: Writable): void {
  if (held.has(to)) return;
  if (held.size === 0) setImmediate(release);
  held.add(to);
  to.cork();
}

function release(): void {
  for (const one of held) one.uncork();
  held.clear();
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
