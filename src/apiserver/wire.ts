/**
 * Requests off the wire and answers onto it, for HTTP/1.1 and HTTP/2.
 *
 * In Kubernetes: net/http, and staging/src/k8s.io/apiserver/pkg/endpoints/handlers/rest.go (limitedReadBody)
 */
import type http from "node:http";
import type http2 from "node:http2";
import type { Readable, Writable } from "node:stream";
import type { ApiResponse } from "../client/transport.ts";
import type { Departure } from "./departure.ts";
import { BODY_BYTES_MAX } from "./handler.ts";
import { http1SinkTo, sinkTo } from "./sink.ts";

/** So much more is read and thrown away, so that the client gets to hear it. */
const DISCARDED_BYTES_MAX = 64 * 1024 * 1024;

export const NO_BODY = Buffer.alloc(0);

/** Whether a body follows. A request that does not say so has none (RFC 9112, 6.3). */
export function hasBody({ headers }: http.IncomingMessage): boolean {
  const length = headers["content-length"];
  if (length !== undefined) return length !== "0";
  return headers["transfer-encoding"] !== undefined;
}

/** The body; of one that is too large only its beginning, one byte more than may be. */
export function readBody(stream: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = () => {
      if (size > BODY_BYTES_MAX) resolve(Buffer.concat(chunks).subarray(0, BODY_BYTES_MAX + 1));
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    };
    stream.on("data", (chunk: Buffer) => {
      if (size <= BODY_BYTES_MAX) chunks.push(chunk);
      size += chunk.length;
      if (size <= DISCARDED_BYTES_MAX) return;
      stream.pause();
      finish();
    });
    stream.once("end", finish);
    stream.once("error", reject);
    stream.once("close", () => {
      if (stream.readableEnded) return;
      reject(new Error("the client has gone before its request was whole"));
    });
  });
}

/**
 * Without HTTP/2's own, and those sent several times as one: joined by commas; but who is impersonated, and what
 * is to be kept apart, by line feeds, which are in no value, for the name of a group may have commas.
 */
export function headersOf(
  headers: http.IncomingHttpHeaders,
  raw: readonly string[],
  keepsApart: (header: string) => boolean = () => false,
): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || name.startsWith(":")) continue;
    if (name.startsWith("impersonate-") || keepsApart(name))
      plain[name] = valuesIn(raw, name).join("\n");
    else plain[name] = Array.isArray(value) ? value.join(",") : value;
  }
  return plain;
}

/** All values of a header, of names and values as they came. */
function valuesIn(raw: readonly string[], name: string): string[] {
  return raw.filter((_, i) => i % 2 === 1 && raw[i - 1]!.toLowerCase() === name);
}

export function sendHttp1(
  { status, headers, body }: ApiResponse,
  req: http.IncomingMessage,
  res: http.ServerResponse,
  departure: Departure,
): void {
  // A body that was not read to its end makes the connection useless.
  if (!req.complete) res.shouldKeepAlive = false;
  if (body.type === "stream") {
    res.writeHead(status, onWire(headers));
    res.flushHeaders();
    body.start(http1SinkTo(res, departure.signal));
    return;
  }
  const named = onWire(headers);
  const raw: (string | string[])[] = ["content-length", String(lengthOf(body.chunks))];
  for (const name in named) raw.push(name, named[name]!);
  res.writeHead(status, raw);
  sendChunks(res, req.method === "HEAD" ? [] : body.chunks);
}

export function sendHttp2(
  { status, headers, body }: ApiResponse,
  method: string,
  stream: http2.ServerHttp2Stream,
  departure: Departure,
): void {
  if (stream.destroyed) return;
  if (body.type === "stream") {
    stream.respond({ ":status": status, ...onWire(headers) });
    body.start(sinkTo(stream, departure.signal, () => stream.close(INTERNAL_ERROR)));
    return;
  }
  stream.respond({
    ":status": status,
    ...onWire(headers),
    "content-length": lengthOf(body.chunks),
  });
  sendChunks(stream, method === "HEAD" ? [] : body.chunks);
}

/** Warnings may quote what was sent, in any letters: they go out in UTF-8, which Node takes byte by byte. */
function onWire(headers: ApiResponse["headers"]): ApiResponse["headers"] {
  const { warning } = headers;
  if (warning === undefined) return headers;
  const bytewise = [warning].flat().map((one) => Buffer.from(one).toString("latin1"));
  return { ...headers, warning: bytewise };
}

/** http2.constants.NGHTTP2_INTERNAL_ERROR */
const INTERNAL_ERROR = 2;

/** All in one write: a piece of its own for the end would be one more turn through TLS and the kernel. */
function sendChunks(to: Writable, chunks: readonly Uint8Array[]): void {
  const last = chunks.length - 1;
  if (last > 0) to.cork();
  for (let i = 0; i < last; i++) to.write(chunks[i]);
  to.end(chunks[last]);
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  return length;
}
