/**
 * How a request reaches the API server: a function. In one process it is the server's own handler,
 * without a socket, but with the same authentication and the same bytes; elsewhere it is HTTP
 * (http-transport.ts).
 */

export interface ApiRequest {
  method: string;
  /** Path and query, percent-encoded: "/api/v1/pods?watch=1". */
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body?: Uint8Array;
  /** Aborting it ends the request, and a stream that is its answer. */
  signal?: AbortSignal;
}

export interface ApiResponse {
  status: number;
  /** Names in lower case. `Warning` may be there several times. */
  headers: Record<string, string | string[]>;
  body: ResponseBody;
}

/** Either known bytes (in pieces, so that a list need not be copied together), or a stream. */
export type ResponseBody =
  | { type: "bytes"; chunks: readonly Uint8Array[] }
  | { type: "stream"; start(sink: Sink): void };

/** Where a stream goes. The receiver of the response provides it. */
export interface Sink {
  /** Returns false when the receiver is slow: the sender should wait for `drained`. */
  write(chunk: Uint8Array): boolean;
  /** Resolves when there is room again. */
  drained(): Promise<void>;
  /** Says that all has been sent. */
  end(): void;
  /** Says that the stream broke: the receiver must not take it for complete. */
  fail(error: Error): void;
  /** Aborts when the receiver has gone. */
  readonly closed: AbortSignal;
}

export type Transport = (request: ApiRequest) => Promise<ApiResponse>;
