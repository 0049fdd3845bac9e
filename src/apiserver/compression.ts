/**
 * Large answers are sent compressed to clients that take gzip, as Go's do unless told otherwise. Quickly
 * rather than well: a list shrinks to a tenth at the lowest level too. Streams (watches, logs) are not.
 *
 * In Kubernetes: deferredResponseWriter in apiserver/pkg/endpoints/handlers/responsewriters/writers.go
 */
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { ApiResponse, Sink } from "../client/transport.ts";

/** Below it, a client would wait for less but work for more. */
export const COMPRESSED_BYTES_MIN = 128 * 1024;
const FASTEST = 1;

/** The response as it is, or compressed if that is worth it and `acceptEncoding` allows it. */
export function compressed(
  response: ApiResponse,
  method: string,
  acceptEncoding: string | undefined,
): ApiResponse {
  const { body, headers } = response;
  if (body.type === "stream" || acceptEncoding === undefined || method === "HEAD") return response;
  if (headers["content-encoding"] !== undefined || !takesGzip(acceptEncoding)) return response;
  const { chunks } = body;
  if (chunks.reduce((sum, { length }) => sum + length, 0) <= COMPRESSED_BYTES_MIN) return response;
  return {
    ...response,
    headers: { ...headers, "content-encoding": "gzip", vary: "Accept-Encoding" },
    body: { type: "stream", start: (sink) => void send(chunks, sink) },
  };
}

/** Only the bare word, as in the original: with a weight it is not understood. */
function takesGzip(acceptEncoding: string): boolean {
  return acceptEncoding.split(",").some((one) => one.trim() === "gzip");
}

async function send(chunks: readonly Uint8Array[], sink: Sink): Promise<void> {
  try {
    const gzip = Readable.from(chunks).pipe(createGzip({ level: FASTEST }));
    for await (const piece of gzip) {
      if (sink.closed.aborted) return;
      if (!sink.write(piece as Buffer)) await sink.drained();
    }
    sink.end();
  } catch (error) {
    sink.fail(error instanceof Error ? error : new Error(String(error)));
  }
}
