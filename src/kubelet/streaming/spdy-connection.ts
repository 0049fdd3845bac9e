/**
 * The server's end of a SPDY/3.1 connection: streams opened by the client, as Duplexes.
 *
 * kubectl's SPDY neither heeds windows nor opens them, so none are kept here: a slow reader stops the
 * reading of the whole connection, a slow connection stops the writers.
 *
 * In Kubernetes: github.com/moby/spdystream, staging/src/k8s.io/apimachinery/pkg/util/httpstream/spdy
 */
import { Duplex } from "node:stream";
import { HeaderCodec } from "./header-codec.ts";
import {
  controlFrame,
  dataFrame,
  FLAG_FIN,
  type Frame,
  FrameReader,
  FrameType,
  type Headers,
  SpdyError,
  words,
} from "./spdy-frames.ts";

const MAX_DATA_BYTES = 64 * 1024;
const MAX_STREAMS = 1_000;
const STREAM_ID_BYTES = 4;
const SYN_STREAM_BYTES = 10;
const PROTOCOL_ERROR = 1;
const REFUSED_STREAM = 3;
const CANCEL = 5;
const WINDOW_BYTES = 0x7fff_ffff;

export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: Headers;
  readonly #connection: SpdyConnection;
  #onRoom: (() => void) | undefined;

  constructor(id: number, headers: Headers, connection: SpdyConnection) {
    super({ allowHalfOpen: true });
    this.id = id;
    this.headers = headers;
    this.#connection = connection;
  }

  /** Takes in what has arrived; resolves when there is room for more. */
  async receive(payload: Buffer, isLast: boolean): Promise<void> {
    const hasRoom = payload.length === 0 || this.destroyed || this.push(payload);
    if (isLast && !this.destroyed) this.push(null);
    if (hasRoom) return;
    await new Promise<void>((resolve) => {
      this.#onRoom = resolve;
    });
  }

  override _read(): void {
    this.#onRoom?.();
    this.#onRoom = undefined;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#connection.sendData(this.id, chunk, false).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#connection.sendData(this.id, Buffer.alloc(0), true).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#onRoom?.();
    this.#connection.forget(this, this.writableFinished && this.readableEnded ? undefined : CANCEL);
    done(error);
  }
}

export class SpdyConnection {
  readonly #socket: Duplex;
  readonly #codec = new HeaderCodec();
  readonly #reader = new FrameReader();
  readonly #streams = new Map<number, SpdyStream>();
  readonly #gone = new AbortController();
  #onStream: (stream: SpdyStream) => void = () => undefined;
  #lastId = 0;

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#close());
  }

  /** Aborts when the client has gone. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Reads the connection from now on, telling of each stream the client opens. */
  start(onStream: (stream: SpdyStream) => void, head: Buffer = Buffer.alloc(0)): void {
    this.#onStream = onStream;
    void this.#readAll(head);
  }

  async sendData(streamId: number, chunk: Buffer, isLast: boolean): Promise<void> {
    if (chunk.length === 0) return this.#write(...dataFrame(streamId, chunk, isLast));
    for (let at = 0; at < chunk.length; at += MAX_DATA_BYTES) {
      const piece = chunk.subarray(at, at + MAX_DATA_BYTES);
      await this.#write(
        ...dataFrame(streamId, piece, isLast && at + piece.length === chunk.length),
      );
    }
  }

  /** No more is heard of this stream; `reset` tells the client so. */
  forget(stream: SpdyStream, reset: number | undefined): void {
    if (!this.#streams.delete(stream.id) || reset === undefined) return;
    void this.#control(FrameType.rstStream, words(stream.id, reset));
  }

  /** Says goodbye. What the client still sends is read and dropped until it hangs up. */
  async end(): Promise<void> {
    await this.#control(FrameType.goAway, words(this.#lastId, 0));
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #readAll(head: Buffer): Promise<void> {
    try {
      await this.#take(head);
      const chunks = this.#socket.iterator({ destroyOnReturn: false });
      for await (const chunk of chunks) await this.#take(chunk as Buffer);
    } catch (error) {
      if (error instanceof SpdyError) {
        await this.#control(FrameType.goAway, words(this.#lastId, PROTOCOL_ERROR));
        this.#socket.end();
        this.#socket.resume();
      } else this.#socket.destroy();
    }
    this.#close();
  }

  async #take(chunk: Buffer): Promise<void> {
    for (const frame of this.#reader.push(chunk)) {
      if (frame.type === "data") await this.#onData(frame);
      else await this.#onControl(frame);
    }
  }

  async #onData({ streamId, isLast, payload }: Extract<Frame, { type: "data" }>): Promise<void> {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    await stream.receive(payload, isLast);
    if (payload.length > 0)
      await this.#control(FrameType.windowUpdate, words(streamId, payload.length));
  }

  async #onControl({ control, flags, payload }: Extract<Frame, { type: "control" }>) {
    switch (control) {
      case FrameType.synStream:
        return this.#onSynStream(flags, payload);
      case FrameType.headers:
        // Nobody reads them, but the blocks after them can only be expanded after them.
        await this.#codec.decode(payload.subarray(STREAM_ID_BYTES));
        return;
      case FrameType.rstStream:
        this.#streams.get(payload.readUInt32BE(0))?.destroy();
        return;
      case FrameType.ping:
        return this.#control(FrameType.ping, payload);
      default:
        return;
    }
  }

  async #onSynStream(flags: number, payload: Buffer): Promise<void> {
    if (payload.length < SYN_STREAM_BYTES) throw new SpdyError("a SYN_STREAM is too short");
    const id = payload.readUInt32BE(0) & 0x7fff_ffff;
    const headers = await this.#codec.decode(payload.subarray(SYN_STREAM_BYTES));
    if (id % 2 === 0 || id <= this.#lastId) throw new SpdyError(`bad stream id ${id}`);
    this.#lastId = id;
    if (this.#streams.size >= MAX_STREAMS) {
      return this.#control(FrameType.rstStream, words(id, REFUSED_STREAM));
    }
    const stream = new SpdyStream(id, headers, this);
    stream.on("error", () => stream.destroy());
    this.#streams.set(id, stream);
    const block = await this.#codec.encode(new Map());
    await this.#control(FrameType.synReply, Buffer.concat([words(id), block]));
    await this.#control(FrameType.windowUpdate, words(id, WINDOW_BYTES - MAX_DATA_BYTES));
    if (flags & FLAG_FIN) await stream.receive(Buffer.alloc(0), true);
    this.#onStream(stream);
  }

  #control(control: number, payload: Buffer): Promise<void> {
    return this.#write(controlFrame(control, 0, payload));
  }

  /** Resolves when there is room for more. What is written after the end is dropped. */
  #write(...chunks: Buffer[]): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return Promise.resolve();
    const hasRoom = chunks.map((chunk) => socket.write(chunk)).at(-1);
    if (hasRoom) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        socket.off("drain", done);
        socket.off("close", done);
        resolve();
      };
      socket.once("drain", done);
      socket.once("close", done);
    });
  }

  #close(): void {
    if (this.#gone.signal.aborted) return;
    this.#gone.abort(new Error("the client has gone"));
    for (const stream of this.#streams.values()) stream.destroy();
    this.#codec.close();
  }
}
