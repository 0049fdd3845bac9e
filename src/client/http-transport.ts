/**
 * The transport over HTTP: how a component on another machine, or in another process, reaches the
 * API server.
 *
 * Rule: watches live on connections of their own. They may be open by the hundred without keeping
 * an ordinary request waiting for a free one.
 *
 * In Kubernetes: k8s.io/client-go/transport. Differs: HTTP/1.1, so one connection per watch.
 */
import http from "node:http";
import https from "node:https";
import type { ApiRequest, ApiResponse, Sink, Transport } from "./transport.ts";

export interface TlsMaterial {
  /** PEM. */
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  /** The name the server's certificate must bear, where it is not that of the URL. */
  serverName?: string;
  insecureSkipVerify?: boolean;
}

export interface HttpTransport {
  transport: Transport;
  /** Closes the connections that are kept open. */
  close(): void;
}

const MOST_CONNECTIONS = 64;
/** The server gives up an ordinary request after a minute; so does one who hears nothing of it. */
const ANSWER_LIMIT_MS = 65_000;
const PROBE_IDLE_MS = 30_000;

export function createHttpTransport(serverUrl: string, tls: TlsMaterial = {}): HttpTransport {
  const base = new URL(serverUrl);
  const isSecure = base.protocol === "https:";
  const send = isSecure ? https.request : http.request;
  const ordinary = agentFor(isSecure, tls, MOST_CONNECTIONS);
  const streaming = agentFor(isSecure, tls, Number.POSITIVE_INFINITY);
  const prefix = base.pathname.replace(/\/$/, "");

  const once = (request: ApiRequest): Promise<ApiResponse> => {
    const isStream = asksForStream(request.path);
    const sent = send({
      agent: isStream ? streaming : ordinary,
      protocol: base.protocol,
      host: base.hostname.replace(/^\[|\]$/g, ""),
      port: base.port || (isSecure ? 443 : 80),
      method: request.method,
      path: prefix + request.path,
      headers: headersOf(request),
      ...(isStream ? {} : { timeout: ANSWER_LIMIT_MS }),
    });
    return exchange(sent, request, isStream);
  };

  return {
    // A server may close an idle connection just as it is used again. Reading twice does no harm.
    transport: async (request) => {
      try {
        return await once(request);
      } catch (error) {
        if (request.method !== "GET" || !isStaleConnection(error)) throw error;
        return once(request);
      }
    },
    close: () => {
      ordinary.destroy();
      streaming.destroy();
    },
  };
}

function agentFor(isSecure: boolean, tls: TlsMaterial, maxSockets: number): http.Agent {
  const options = { keepAlive: true, maxSockets, maxFreeSockets: 8 };
  if (!isSecure) return new http.Agent(options);
  const { ca, cert, key, serverName, insecureSkipVerify } = tls;
  return new https.Agent({
    ...options,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(serverName && { servername: serverName }),
    ...(insecureSkipVerify && { rejectUnauthorized: false }),
  });
}

function headersOf({ headers, body }: ApiRequest): Record<string, string | number> {
  return body === undefined ? headers : { ...headers, "content-length": body.length };
}

function asksForStream(path: string): boolean {
  const query = path.indexOf("?");
  if (query < 0) return false;
  const asked = new URLSearchParams(path.slice(query));
  return isTrue(asked.get("watch")) || isTrue(asked.get("follow"));
}

function isTrue(value: string | null): boolean {
  return value === "1" || value === "true";
}

function exchange(
  sent: http.ClientRequest,
  request: ApiRequest,
  isStream: boolean,
): Promise<ApiResponse> {
  return new Promise((resolve, reject) => {
    const { signal } = request;
    const onAbort = () => sent.destroy(errorOf(signal!.reason));
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    sent.once("close", () => signal?.removeEventListener("abort", onAbort));

    sent.on("socket", (socket) => socket.setKeepAlive(true, PROBE_IDLE_MS));
    sent.on("timeout", () => sent.destroy(networkError("ETIMEDOUT", "the server did not answer")));
    sent.on("error", (error) => {
      reject(sent.reusedSocket ? Object.assign(error, { reusedSocket: true }) : error);
    });
    sent.on("response", (response) => {
      if (isStream && response.statusCode! < 400) resolve(streamed(response));
      else collected(response).then(resolve, reject);
    });
    sent.end(request.body);
  });
}

async function collected(response: http.IncomingMessage): Promise<ApiResponse> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(chunk as Uint8Array);
  return { ...headOf(response), body: { type: "bytes", chunks } };
}

/** Nothing is read before the receiver has said where the bytes go. */
function streamed(response: http.IncomingMessage): ApiResponse {
  const start = (sink: Sink) => {
    let isComplete = false;
    sink.closed.addEventListener("abort", () => response.destroy(), { once: true });
    response.on("data", (chunk: Uint8Array) => {
      if (sink.write(chunk) || sink.closed.aborted) return;
      response.pause();
      void sink.drained().then(() => response.resume());
    });
    response.on("end", () => {
      isComplete = true;
      sink.end();
    });
    response.on("error", (error) => sink.fail(error));
    response.on("close", () => {
      if (!isComplete) sink.fail(networkError("ECONNRESET", "the connection was closed"));
    });
  };
  return { ...headOf(response), body: { type: "stream", start } };
}

function headOf({ statusCode = 0, headers }: http.IncomingMessage) {
  return { status: statusCode, headers: headers as Record<string, string | string[]> };
}

function networkError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

function isStaleConnection(error: unknown): boolean {
  const { code, reusedSocket } = error as { code?: string; reusedSocket?: boolean };
  return reusedSocket === true && (code === "ECONNRESET" || code === "EPIPE");
}

function errorOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
