/**
 * Two ends of a connection inside this process: what is written to one is read from the other.
 * Takes the place of a socket where the API server calls a kubelet in the same process.
 */
import { Duplex } from "node:stream";

class End extends Duplex {
  other: End | undefined;
  #resume: (() => void) | undefined;

  override _read(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#send(chunk, done);
  }

  override _final(done: () => void): void {
    this.#send(null, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { other } = this;
    // What was sent before still arrives; only a connection cut in the middle breaks the other end.
    if (other && !other.destroyed && !this.writableFinished) other.destroy();
    done(error);
  }

  /** Passes a piece on; `done` is called once the reader has room again. */
  #send(chunk: Buffer | null, done: () => void): void {
    const { other } = this;
    const mustWait = other && !other.destroyed && !other.push(chunk) && chunk !== null;
    if (mustWait) other.#resume = done;
    else done();
  }

  /** Enough of a socket for node:http: time-outs and the like are a matter of real connections. */
  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  readonly remoteAddress = "127.0.0.1";

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    if (this.writableFinished) this.destroy();
    else this.end(() => this.destroy());
  }
}

/** The two ends of one connection. */
export function createDuplexPair(): [Duplex, Duplex] {
  const one = new End();
  const other = new End();
  one.other = other;
  other.other = one;
  return [one, other];
}
