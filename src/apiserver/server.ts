/**
 * Sockets in front of the handler: plain HTTP/1.1, or TLS with HTTP/2 and HTTP/1.1 on one port. What
 * comes in is bounded here, what goes out is sent as it is.
 *
 * Its rule: nothing is buffered without limit. A body is cut where it is too large for the handler to take
 * it, a stream is told when its receiver is slow.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/server/secure_serving.go
 */
import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { ApiRequest } from "../client/transport.ts";
import { type Clock, sleep } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import type { Connection } from "./authenticate.ts";
import { addressOf, connectionOf } from "./client-connection.ts";
import { compressed } from "./compression.ts";
import { Departure } from "./departure.ts";
import type { Handler } from "./handler.ts";
import { SignalledRequest } from "./signalled-request.ts";
import { hasBody, headersOf, NO_BODY, readBody, sendHttp1, sendHttp2 } from "./wire.ts";

export interface ListenOptions {
  address: string;
  /** 0: any that is free. */
  port: number;
  /** Absent: the insecure port, which asks nobody who they are. */
  tls?: {
    cert: string | Buffer;
    key: string | Buffer;
    clientCa?: string | Buffer;
    /** Of front proxies, who say in headers who asks. */
    requestHeaderCa?: string | Buffer;
  };
}

export interface Listening {
  address: string;
  port: number;
  /** Takes no more requests, lets those under way finish for a while, then cuts what is left. */
  close(): Promise<void>;
}

/** Takes over the socket of an upgraded connection (exec, attach, port-forward). */
export type Upgrader = (
  request: ApiRequest,
  connection: Connection,
  socket: Duplex,
  head: Buffer,
) => Promise<void>;

export interface ServerOptions {
  handler: Handler;
  upgrade: Upgrader;
  /** Which headers besides those of impersonation keep the values they are sent with apart. */
  keepsApart?: (header: string) => boolean;
  clock: Clock;
  log: Log;
}

/** Longer than Go's clients keep an idle connection (90 s), so that they close it, and not we. */
const KEEP_ALIVE_MS = 120_000;
const HEADERS_BYTES_MAX = 256 * 1024;
/** Node's 10 MB would refuse streams to a client that watches much over one connection. */
const SESSION_MEGABYTES_MAX = 1_000;
const STREAMS_MAX = 1_000;
const DRAIN_MS = 5_000;

export async function listen(where: ListenOptions, options: ServerOptions): Promise<Listening> {
  const server = where.tls ? createSecureServer(where.tls, options) : createPlainServer(options);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(where.port, where.address, () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", (error) => options.log.error("A server socket failed", error));
  const { port } = server.address() as AddressInfo;
  const close = closer(server, where.tls !== undefined, options.clock);
  return { address: where.address, port, close };
}

function createPlainServer(options: ServerOptions): http.Server {
  const server = http.createServer({ maxHeaderSize: HEADERS_BYTES_MAX });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = 0;
  serveHttp1(server, (socket) => ({ door: "insecure", ...addressOf(socket) }), options);
  return server;
}

function createSecureServer(tls: NonNullable<ListenOptions["tls"]>, options: ServerOptions) {
  const { cert, key, clientCa, requestHeaderCa } = tls;
  const authorities = [clientCa ?? [], requestHeaderCa ?? []].flat();
  const server = http2.createSecureServer({
    cert,
    key,
    ...(authorities.length > 0 && { ca: authorities }),
    requestCert: authorities.length > 0,
    rejectUnauthorized: false,
    allowHTTP1: true,
    // The servers of http and https do so by themselves: an event should not wait for the one before to be taken.
    noDelay: true,
    maxSessionMemory: SESSION_MEGABYTES_MAX,
    settings: { maxConcurrentStreams: STREAMS_MAX },
  });
  Object.assign(server, { keepAliveTimeout: KEEP_ALIVE_MS });
  // Without this, listening for HTTP/1.1 requests would wrap every HTTP/2 stream as a request too.
  server.removeAllListeners("newListener");
  serveHttp1(
    server as unknown as http.Server,
    (socket) => connectionOf(socket as TLSSocket, tls),
    options,
  );
  // The types leave out the headers as they came.
  type OnStream = (
    stream: http2.ServerHttp2Stream,
    headers: http2.IncomingHttpHeaders,
    flags: number,
    rawHeaders: string[],
  ) => void;
  const onStream: OnStream = (stream, headers, _flags, rawHeaders) => {
    const connection = connectionOf(stream.session!.socket as TLSSocket, tls);
    const request = { method: headers[":method"]!, path: headers[":path"]!, stream };
    void answerHttp2(
      request,
      headersOf(headers, rawHeaders, options.keepsApart),
      connection,
      options,
    );
  };
  server.on("stream", onStream as () => void);
  server.on("sessionError", (error) =>
    options.log.info("A session failed", { err: error.message }, 2),
  );
  return server;
}

function serveHttp1(
  server: http.Server,
  connectionFor: (socket: Duplex) => Connection,
  options: ServerOptions,
): void {
  server.on("request", (req, res) => {
    inUse.add(req.socket);
    res.on("close", () => inUse.delete(req.socket));
    void answerHttp1(req, res, connectionFor(req.socket), options);
  });
  server.on("upgrade", (req, socket, head) => {
    inUse.add(socket);
    const request = {
      method: req.method!,
      path: req.url!,
      headers: headersOf(req.headers, req.rawHeaders, options.keepsApart),
    };
    options.upgrade(request, connectionFor(socket), socket, head).catch((error: unknown) => {
      options.log.error("An upgraded connection failed", error, { path: req.url });
      socket.destroy();
    });
  });
  server.on("clientError", (error, socket) => {
    if (!socket.writable) return void socket.destroy(error);
    socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  });
}

async function answerHttp1(
  req: http.IncomingMessage,
  res: http.ServerResponse,
  connection: Connection,
  { handler, log, keepsApart }: ServerOptions,
): Promise<void> {
  const departure = new Departure(res);
  try {
    const body = hasBody(req) ? await readBody(req) : NO_BODY;
    const headers = headersOf(req.headers, req.rawHeaders, keepsApart);
    const parts = { method: req.method!, path: req.url!, headers, body };
    const request = new SignalledRequest(parts, () => departure.signal);
    const response = await handler(request, connection);
    sendHttp1(
      compressed(response, request.method, headers["accept-encoding"]),
      req,
      res,
      departure,
    );
  } catch (error) {
    if (!departure.hasGone) log.error("An answer could not be sent", error, { path: req.url });
    res.destroy();
  }
}

async function answerHttp2(
  { method, path, stream }: { method: string; path: string; stream: http2.ServerHttp2Stream },
  headers: ApiRequest["headers"],
  connection: Connection,
  { handler, log }: ServerOptions,
): Promise<void> {
  const departure = new Departure(stream);
  stream.on("error", (error) => log.info("A stream failed", { path, err: error.message }, 2));
  try {
    const body = stream.endAfterHeaders ? NO_BODY : await readBody(stream);
    const parts = { method, path, headers, body };
    const request = new SignalledRequest(parts, () => departure.signal);
    const response = await handler(request, connection);
    const accepted = request.headers["accept-encoding"];
    sendHttp2(compressed(response, method, accepted), method, stream, departure);
  } catch (error) {
    if (!departure.hasGone) log.error("An answer could not be sent", error, { path });
    if (!stream.destroyed) stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
  }
}

/** The sockets of HTTP/1.1 on which a request is being answered. */
const inUse = new WeakSet<Duplex>();
/** Closing politely, and after a while not. */
function closer(server: http.Server | http2.Http2SecureServer, isTls: boolean, clock: Clock) {
  const sockets = followed<Duplex>(server, isTls ? "secureConnection" : "connection");
  const sessions = followed<http2.ServerHttp2Session>(server, "session");
  return async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const session of sessions) session.close();
    for (const socket of sockets) if (isIdle(socket)) socket.destroy();
    const patience = new AbortController();
    const cut = sleep(clock, DRAIN_MS, patience.signal).then(
      () => {
        for (const socket of sockets) socket.destroy();
      },
      () => undefined,
    );
    await closed;
    patience.abort();
    await cut;
  };
}

/** Those that are open: what the server tells of until they close. */
function followed<T extends { once(event: "close", gone: () => void): unknown }>(
  server: http.Server | http2.Http2SecureServer,
  event: string,
): ReadonlySet<T> {
  const open = new Set<T>();
  const follow = (one: T) => {
    open.add(one);
    one.once("close", () => open.delete(one));
  };
  (server as NodeJS.EventEmitter).on(event, follow);
  return open;
}

/** An HTTP/1.1 connection kept for the next request. A session of HTTP/2 knows itself when to close. */
function isIdle(socket: Duplex): boolean {
  const isSession = (socket as TLSSocket).alpnProtocol === "h2";
  return !isSession && !inUse.has(socket);
}
