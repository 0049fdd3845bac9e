/**
 * Calls of one question and one answer to a gRPC server, over one connection of HTTP/2 that is made when it is
 * needed and again when it is lost.
 *
 * Its rule: every call ends, with the answer or with a GrpcError that says whether the question may have arrived.
 *
 * In Kubernetes: google.golang.org/grpc. Here: node:http2, for what such a call takes is little, and the library for
 * Node, made for streams, interceptors and balancing, takes twice the processor's time (docs/decisions/0001-etcd-client.md).
 */
import http2, { type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import { systemClock } from "../clock.ts";

export interface GrpcTls {
  /** PEM */
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

/** The statuses of gRPC that are told apart here. */
export const DEADLINE_EXCEEDED = 4;
export const UNAVAILABLE = 14;

export class GrpcError extends Error {
  override readonly name = "GrpcError";
  readonly code: number;
  /** The server certainly knows nothing of the call. */
  readonly wasNeverSent: boolean;

  constructor(code: number, message: string, wasNeverSent = false) {
    super(message);
    this.code = code;
    this.wasNeverSent = wasNeverSent;
  }
}

/** Longer than etcd's own limit of 7 s, so that "etcdserver: request timed out" can be told. */
const CALL_TIMEOUT_MS = 10_000;
/** Finds a connection whose other end has vanished without a word. */
const KEEPALIVE_MS = 10_000;
const KEEPALIVE_ANSWER_MS = 5_000;
/** A list of 10,000 pods is 20 MB: it should not wait for us every 64 kB. */
const WINDOW_BYTES = 8 * 1024 * 1024;
const SESSION_MEGABYTES_MAX = 1_000;

const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM } = http2.constants;
const HEADERS = {
  ":method": "POST",
  "content-type": "application/grpc",
  te: "trailers",
  "grpc-timeout": `${CALL_TIMEOUT_MS}m`,
};
/** Whether it is compressed, and how long it is. */
const PREFIX_BYTES = 5;

export class GrpcChannel {
  readonly #url: string;
  readonly #tls: GrpcTls;
  #session: Promise<ClientHttp2Session> | undefined;

  /** `url`: "https://10.0.0.1:2379" */
  constructor(url: string, tls: GrpcTls = {}) {
    this.#url = url;
    this.#tls = tls;
  }

  /** `path`: "/etcdserverpb.KV/Range". Rejects with a GrpcError. */
  async call(path: string, message: Uint8Array): Promise<Buffer> {
    this.#session ??= this.#connect();
    const opened = this.#session;
    const session = await opened;
    if (session.closed || session.destroyed) {
      this.#leave(opened);
      throw new GrpcError(UNAVAILABLE, "the connection was closed", true);
    }
    try {
      return await exchange(session, path, message);
    } catch (error) {
      // Whoever is silent may be gone: the next call finds out with a connection of its own.
      if ((error as GrpcError).code === DEADLINE_EXCEEDED) this.#leave(opened);
      throw error;
    }
  }

  /** Lets the calls under way end. */
  close(): void {
    if (this.#session) this.#leave(this.#session);
  }

  #connect(): Promise<ClientHttp2Session> {
    const session = http2.connect(this.#url, {
      ...this.#tls,
      maxSessionMemory: SESSION_MEGABYTES_MAX,
      settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
    });
    const opened = new Promise<ClientHttp2Session>((resolve, reject) => {
      session.once("connect", () => {
        session.setLocalWindowSize(WINDOW_BYTES);
        resolve(session);
      });
      const refuse = (why: string) => reject(new GrpcError(UNAVAILABLE, why, true));
      session.on("error", (error) => refuse(error.message));
      session.once("close", () => refuse("the connection was closed"));
    });
    const forget = () => {
      if (this.#session === opened) this.#session = undefined;
    };
    for (const end of ["error", "goaway", "close"]) session.on(end, forget);
    keepAlive(session);
    return opened;
  }

  #leave(opened: Promise<ClientHttp2Session>): void {
    if (this.#session === opened) this.#session = undefined;
    void opened.then(
      (session) => session.close(),
      () => undefined,
    );
  }
}

/** Asks for a sign of life when nothing has come for a while, and cuts where none comes, nor a connection. */
function keepAlive(session: ClientHttp2Session): void {
  session.setTimeout(KEEPALIVE_MS);
  session.on("timeout", () => {
    const cut = () => session.destroy(new Error("the server does not answer"));
    if (session.connecting) return cut();
    const patience = systemClock.setTimeout(cut, KEEPALIVE_ANSWER_MS);
    session.once("close", patience.cancel);
    session.ping(() => {
      patience.cancel();
      session.off("close", patience.cancel);
      session.setTimeout(KEEPALIVE_MS);
    });
  });
}

function exchange(session: ClientHttp2Session, path: string, message: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ...HEADERS, ":path": path });
    const pieces: Buffer[] = [];
    let end: IncomingHttpHeaders = {};
    let failure = { code: UNAVAILABLE, message: "the connection was closed" };
    const takeStatus = (headers: IncomingHttpHeaders) => {
      if (headers["grpc-status"] !== undefined) end = headers;
      else if (Number(headers[":status"]) !== 200) failure = noGrpc(headers);
    };
    stream.on("response", takeStatus);
    stream.on("trailers", takeStatus);
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.on("error", ({ message }) => {
      failure = { ...failure, message };
    });
    stream.setTimeout(CALL_TIMEOUT_MS, () => {
      failure = { code: DEADLINE_EXCEEDED, message: "Deadline exceeded" };
      stream.close(NGHTTP2_CANCEL);
    });
    stream.on("close", () => {
      if (end["grpc-status"] === "0") return resolve(messageIn(pieces));
      if (end["grpc-status"] !== undefined) return reject(errorOf(end));
      const wasNeverSent = stream.id === undefined || stream.rstCode === NGHTTP2_REFUSED_STREAM;
      reject(new GrpcError(failure.code, failure.message, wasNeverSent));
    });
    stream.end(prefixed(message));
  });
}

function prefixed(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, PREFIX_BYTES);
  return bytes;
}

function messageIn(pieces: Buffer[]): Buffer {
  const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  return bytes.subarray(PREFIX_BYTES);
}

function errorOf(end: IncomingHttpHeaders): GrpcError {
  const message = String(end["grpc-message"] ?? "");
  return new GrpcError(Number(end["grpc-status"]), decodeURIComponent(message));
}

function noGrpc(headers: IncomingHttpHeaders) {
  const message = `the server answered with ${headers[":status"]}, not with gRPC`;
  return { code: UNAVAILABLE, message };
}
