/**
 * The ends of an exec or attach session, whatever protocol carries them: SPDY streams or WebSocket
 * channels.
 */
import type { Readable, Writable } from "node:stream";

export interface Session {
  stdin: Readable | undefined;
  stdout: Writable | undefined;
  stderr: Writable | undefined;
  /** Where it is said at the end how it went. */
  error: Writable;
  /** JSON objects {"Width":80,"Height":24}, one after the other. */
  resize: Readable | undefined;
  tty: boolean;
  /** Whether the end is told as a Status (from v4 on) or as plain text, if at all. */
  tellsStatus: boolean;
  /** Aborts when the client has gone. */
  gone: AbortSignal;
  /** All has been written: lets the client go. */
  finish(): Promise<void>;
}

/** What a client asks for, by query: `?input=1&output=1&error=1&tty=1`. */
export interface Wishes {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

export function wishesOf(query: URLSearchParams): Wishes {
  const is = (...names: string[]) =>
    names.some((name) => ["1", "true"].includes(query.get(name) ?? ""));
  const tty = is("tty");
  return {
    stdin: is("input", "stdin"),
    stdout: is("output", "stdout"),
    // A terminal has one stream out.
    stderr: !tty && is("error", "stderr"),
    tty,
  };
}
