/** Answers: bytes or an object, and the failures of the API, as ApiResponses. */
import { ApiError, type Status } from "../api/errors.ts";
import type { ApiResponse } from "../client/transport.ts";

export const NEWLINE = Buffer.from("\n");

const JSON_HEADERS = { "content-type": "application/json", "cache-control": "no-cache, private" };

export function jsonBytes(chunks: readonly Uint8Array[], status = 200): ApiResponse {
  return { status, headers: { ...JSON_HEADERS }, body: { type: "bytes", chunks } };
}

export function json(value: unknown, status = 200, isPretty = false): ApiResponse {
  const text = isPretty ? JSON.stringify(value, null, 2) : JSON.stringify(value);
  return jsonBytes([Buffer.from(`${text}\n`)], status);
}

export function text(content: string, status = 200): ApiResponse {
  return {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
      "cache-control": "no-cache, private",
    },
    body: { type: "bytes", chunks: [Buffer.from(content)] },
  };
}

export function failure(error: ApiError, isPretty: boolean): ApiResponse {
  const response = json(error.status, error.code, isPretty);
  const wait = error.status.details?.retryAfterSeconds;
  if (wait !== undefined && wait > 0) response.headers["retry-after"] = String(wait);
  return response;
}

export interface Success extends Omit<Status, "status" | "message" | "code"> {
  status: "Success";
}

export function success(details: NonNullable<Status["details"]>): Success {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}

/** The path is served, but not with this method. */
export const methodNotAllowed = () =>
  new ApiError(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    {},
  );
