/**
 * Cuts the bytes of a watch into lines, one JSON text each.
 *
 * Rule: the cost of a line is its own length, however many chunks it came in: pieces are kept
 * apart until the line's end is seen, and joined once.
 *
 * In Kubernetes: k8s.io/apimachinery/pkg/util/framer.
 */
import type { ResponseBody, Sink } from "./transport.ts";

const NEWLINE = 0x0a;

export class LineSplitter {
  #pieces: Uint8Array[] = [];
  readonly #onLine: (line: string) => void;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#finish(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.#pieces.push(chunk.subarray(start));
  }

  #finish(last: Uint8Array): void {
    const whole = this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    if (whole.length > 0) this.#onLine(textOf(whole));
  }
}

/**
 * Reads a streaming answer line by line. Resolves when the sender ends it; rejects when it breaks,
 * when `signal` aborts, or with what `onLine` throws.
 */
export function readLines(
  body: ResponseBody,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = new AbortController();
    const stop = (error?: unknown) => {
      if (gone.signal.aborted) return;
      signal.removeEventListener("abort", onAbort);
      gone.abort();
      if (error === undefined) resolve();
      else reject(error);
    };
    const onAbort = () => stop(signal.reason);
    if (signal.aborted) return stop(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });

    const sink = sinkOf(new LineSplitter(onLine), gone.signal, stop);
    if (body.type === "stream") return body.start(sink);
    for (const chunk of body.chunks) sink.write(chunk);
    sink.end();
  });
}

function sinkOf(lines: LineSplitter, closed: AbortSignal, stop: (error?: unknown) => void): Sink {
  return {
    closed,
    write(chunk) {
      if (closed.aborted) return false;
      try {
        lines.push(chunk);
      } catch (error) {
        stop(error);
      }
      return true;
    },
    drained: () => Promise.resolve(),
    end: () => stop(),
    fail: (error) => stop(error),
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
