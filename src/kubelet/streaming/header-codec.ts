/**
 * Compresses and expands header blocks. All blocks of one direction are one zlib stream, so they must
 * be taken strictly in order; each is flushed, so that it can be read alone.
 */
import { constants, createDeflate, createInflate, type Deflate, type Inflate } from "node:zlib";
import { SPDY_DICTIONARY } from "./spdy-dictionary.ts";
import { decodeHeaders, encodeHeaders, type Headers, SpdyError } from "./spdy-frames.ts";

/** A small block can expand to a very large one. */
const LIMIT_BYTES = 64 * 1024;

export class HeaderCodec {
  readonly #inflate = new InOrder(createInflate({ dictionary: SPDY_DICTIONARY }));
  readonly #deflate = new InOrder(
    createDeflate({ dictionary: SPDY_DICTIONARY, flush: constants.Z_SYNC_FLUSH }),
  );

  async decode(block: Buffer): Promise<Headers> {
    return decodeHeaders(await this.#inflate.next(block));
  }

  encode(headers: Headers): Promise<Buffer> {
    return this.#deflate.next(encodeHeaders(headers));
  }

  close(): void {
    this.#inflate.close();
    this.#deflate.close();
  }
}

class InOrder {
  readonly #zlib: Inflate | Deflate;
  #chunks: Buffer[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #failure: Error | undefined;

  constructor(zlib: Inflate | Deflate) {
    this.#zlib = zlib;
    zlib.on("data", (chunk: Buffer) => this.#chunks.push(chunk));
    zlib.on("error", (error) => {
      this.#failure = error;
    });
  }

  /** What becomes of `block`, after all blocks before it. */
  next(block: Buffer): Promise<Buffer> {
    const turn = this.#last.then(() => this.#convert(block));
    this.#last = Promise.allSettled([turn]);
    return turn;
  }

  close(): void {
    this.#zlib.close();
  }

  #convert(block: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(new SpdyError(`bad header block: ${error.message}`));
      if (this.#failure) return fail(this.#failure);
      this.#zlib.once("error", fail);
      this.#zlib.write(block, (error) => {
        this.#zlib.off("error", fail);
        const whole = Buffer.concat(this.#chunks);
        this.#chunks = [];
        if (error) fail(error);
        else if (whole.length > LIMIT_BYTES) fail(new Error("it is too large"));
        else resolve(whole);
      });
    });
  }
}
