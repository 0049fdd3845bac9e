/**
 * One HTTP GET to a pod, worded as Kubernetes words its failures.
 *
 * In Kubernetes: pkg/probe/http/http.go
 */
import { type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import { connect as tlsConnect } from "node:tls";
import type { Clock } from "../../component/clock.ts";
import type { Connect } from "./connect.ts";

const BODY_LIMIT_BYTES = 10 * 1024;
const USER_AGENT = "kube-probe/1.30";

export interface HttpTarget {
  host: string;
  port: number;
  path: string;
  isTls: boolean;
  headers: { name: string; value: string }[];
}

export interface HttpContext {
  connect: Connect;
  clock: Clock;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Resolves to the status and the start of the body. A redirect is followed only to the same host. */
export async function httpGet(
  target: HttpTarget,
  { connect, clock, timeoutMs, signal }: HttpContext,
): Promise<{ status: number; body: string }> {
  const over = new AbortController();
  const timer = clock.setTimeout(() => over.abort(new Error("timeout")), timeoutMs);
  const either = AbortSignal.any([over.signal, signal]);
  let connection: Duplex | undefined;
  try {
    connection = await connect(target.host, target.port, either);
    return await exchange(target, connection, either);
  } catch (error) {
    throw new Error(`Get "${urlOf(target)}": ${wordingOf(error, over.signal)}`);
  } finally {
    timer.cancel();
    connection?.destroy();
  }
}

function exchange(
  target: HttpTarget,
  connection: Duplex,
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const stream = target.isTls
      ? tlsConnect({ socket: connection, rejectUnauthorized: false })
      : connection;
    const headers: Record<string, string> = {
      "User-Agent": USER_AGENT,
      Accept: "*/*",
      Connection: "close",
    };
    for (const { name, value } of target.headers) headers[name] = value;
    const { host, port, path } = target;
    const asked = request({ host, port, path, headers, createConnection: () => stream, signal });
    asked.once("error", reject);
    asked.once(
      "response",
      (response) =>
        void bodyOf(response).then(
          (body) =>
            resolve({
              status: response.statusCode ?? 0,
              body,
            }),
          reject,
        ),
    );
    asked.end();
  });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= BODY_LIMIT_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8", 0, BODY_LIMIT_BYTES);
}

function urlOf({ isTls, host, port, path }: HttpTarget): string {
  const authority = host.includes(":") ? `[${host}]` : host;
  return `${isTls ? "https" : "http"}://${authority}:${port}${path.startsWith("/") ? path : `/${path}`}`;
}

function wordingOf(error: unknown, over: AbortSignal): string {
  if (over.aborted) {
    return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
  }
  const { message, code } = error as NodeJS.ErrnoException;
  return code === "ECONNRESET" ? "EOF" : message;
}
