/**
 * Docker sends standard output and standard error of a container without a terminal through one
 * connection, in frames: one byte saying which, three of nothing, four bytes of length, the bytes.
 *
 * Nothing is gathered: the next chunk is read when the last one is written, so that a slow reader
 * slows the container down and does not fill our memory.
 *
 * In Kubernetes: github.com/docker/docker/pkg/stdcopy
 */
import type { Readable, Writable } from "node:stream";

const HEADER_BYTES = 8;
const STDOUT = 1;
const STDERR = 2;
/** Not an output: the daemon's own last words. */
const SYSTEM_ERROR = 3;

export interface Outputs {
  stdout?: Writable | undefined;
  stderr?: Writable | undefined;
}

/** A piece of output: which stream it belongs to, and its bytes. */
export interface Piece {
  stream: number;
  bytes: Buffer;
}

/** The pieces of an answer of the daemon. With a terminal there is one output, and no frames. */
export async function* pieces(source: Readable, isTerminal: boolean): AsyncGenerator<Piece> {
  const frames = new Frames();
  for await (const chunk of source) {
    if (isTerminal) yield { stream: STDOUT, bytes: chunk as Buffer };
    else yield* frames.take(chunk as Buffer);
  }
}

/** Finds the frames in chunks that begin and end anywhere. */
export class Frames {
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #remaining = 0;

  *take(chunk: Buffer): Generator<Piece> {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#remaining === 0) {
        offset += this.#takeHeader(chunk, offset);
      } else {
        const bytes = chunk.subarray(offset, offset + this.#remaining);
        offset += bytes.length;
        this.#remaining -= bytes.length;
        yield { stream: this.#header[0]!, bytes };
      }
    }
  }

  #takeHeader(chunk: Buffer, offset: number): number {
    const missing = HEADER_BYTES - this.#headerBytes;
    const taken = chunk.copy(this.#header, this.#headerBytes, offset, offset + missing);
    this.#headerBytes += taken;
    if (this.#headerBytes === HEADER_BYTES) {
      this.#remaining = this.#header.readUInt32BE(4);
      this.#headerBytes = 0;
    }
    return taken;
  }
}

/** Resolves when the piece is taken; rejects when nobody is there to take it. */
export function write({ stream, bytes }: Piece, outputs: Outputs): Promise<void> {
  if (stream === SYSTEM_ERROR) return Promise.reject(new Error(bytes.toString().trim()));
  const output = stream === STDERR ? outputs.stderr : outputs.stdout;
  if (!output) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new Error("the reader has gone"));
    if (output.destroyed) return onClose();
    output.once("close", onClose);
    output.write(bytes, (error) => {
      output.removeListener("close", onClose);
      if (error) reject(error);
      else resolve();
    });
  });
}
