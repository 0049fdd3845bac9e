/**
 * Express behind the handler: an application answers an ApiRequest, wherever that came from: HTTP/1.1, HTTP/2
 * or a function call. It sees a request and a response of node:http without a socket.
 *
 * So Express never meets an HTTP/2 request, which would end the process (it gives requests another
 * prototype), and what goes to it has been authenticated like everything else.
 */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Express } from "express";
import type { ApiRequest, ApiResponse } from "../client/transport.ts";

/** What an application is underneath: it gives requests and responses its own prototypes itself. */
type Listener = (req: IncomingMessage, res: ServerResponse, done: (error: unknown) => void) => void;

export function answerWith(app: Express, request: ApiRequest): Promise<ApiResponse> {
  return new Promise((resolve, reject) => {
    const req = new IncomingMessage(new Socket());
    Object.assign(req, { method: request.method, url: request.path, headers: request.headers });
    if (request.body !== undefined) req.push(Buffer.from(request.body));
    req.push(null);
    const listener = app as unknown as Listener;
    listener(req, collectingResponse(req, resolve), (error) =>
      reject(error ?? new Error(`no answer to ${request.path}`)),
    );
  });
}

/** Keeps what is written to it, and hands it over at the end. Its own methods outlive the prototype. */
function collectingResponse(req: IncomingMessage, done: (response: ApiResponse) => void) {
  const res = new ServerResponse(req);
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown, encoding: unknown) => {
    if (typeof chunk === "string") {
      const known = typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8";
      chunks.push(Buffer.from(chunk, known));
    } else if (chunk instanceof Uint8Array) {
      chunks.push(Buffer.from(chunk));
    }
  };
  const write = (chunk: unknown, encoding: unknown) => {
    keep(chunk, encoding);
    return true;
  };
  const end = (chunk?: unknown, encoding?: unknown) => {
    keep(chunk, encoding);
    done({ status: res.statusCode, headers: headersOf(res), body: { type: "bytes", chunks } });
    return res;
  };
  return Object.assign(res, { write, end });
}

function headersOf(res: ServerResponse): ApiResponse["headers"] {
  const headers: ApiResponse["headers"] = {};
  for (const [name, value] of Object.entries(res.getHeaders())) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value : String(value);
  }
  // The one who sends it counts the bytes.
  delete headers["content-length"];
  return headers;
}
