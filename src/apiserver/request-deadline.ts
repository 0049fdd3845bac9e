/**
 * How long a request may take: --request-timeout, or the shorter ?timeout= its client gives. When that is over the
 * client is told so with 504; what is under way learns it by its signal, and a write may yet be done.
 * Not bounded is what goes on for as long as its client likes: watches, logs, streams and proxies.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/server/filters/{timeout,request_deadline,longrunning}.go,
 * pkg/endpoints/handlers/finisher. Differs: in one process with everything else nothing is bounded, for there time is
 * stepped by hours while requests are under way.
 */
import { type ApiError, badRequest, timedOut } from "../api/errors.ts";
import type { ApiRequest, ApiResponse } from "../client/transport.ts";
import type { Clock } from "../component/clock.ts";
import { parseDuration } from "../component/duration.ts";
import { failure } from "./answer.ts";
import type { Handler } from "./handler.ts";
import { wantsPretty } from "./negotiate.ts";
import { type RequestInfo, requestInfoOf } from "./request-info.ts";
import { SignalledRequest } from "./signalled-request.ts";

const ENDLESS = new Set(["attach", "exec", "log", "portforward", "proxy"]);
const WRITES = new Set(["create", "update", "patch", "delete", "deletecollection"]);

/** The handler, which answers in time. */
export function inTime(handler: Handler, longestMs: number, clock: Clock): Handler {
  return async (request, connection) => {
    const info = requestInfoOf(request.method, request.path);
    if (isLongRunning(info)) return handler(request, connection);
    const allowed = allowedMs(info, longestMs);
    if (typeof allowed !== "number") return failure(allowed, wantsPretty(request, info));
    const late = new AbortController();
    const answer = handler(signalled(request, late.signal), connection);
    return new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => {
        resolve(tooLate(request, info));
        late.abort();
      }, allowed);
      answer.then(resolve, reject).finally(() => timer.cancel());
    });
  };
}

export function isLongRunning({ verb, subresource, isResourceRequest }: RequestInfo): boolean {
  return isResourceRequest && (verb === "watch" || ENDLESS.has(subresource));
}

/** Zero is no wish of the client's, and no wish goes beyond the server's own limit. */
function allowedMs({ query }: RequestInfo, longestMs: number): number | ApiError {
  const asked = query.get("timeout") ?? "";
  if (asked === "") return longestMs;
  try {
    const ms = parseDuration(asked);
    return ms > 0 ? Math.min(ms, longestMs) : longestMs;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return badRequest(`invalid timeout specified in the request URL - ${error.message}`);
  }
}

/** Aborts when the client has gone, or is too late. */
function signalled(request: ApiRequest, late: AbortSignal): ApiRequest {
  let both: AbortSignal | undefined;
  return new SignalledRequest(request, () => {
    both ??= request.signal ? AbortSignal.any([request.signal, late]) : late;
    return both;
  });
}

function tooLate(request: ApiRequest, info: RequestInfo): ApiResponse {
  const isWrite = info.isResourceRequest && WRITES.has(info.verb);
  const why = isWrite
    ? "request did not complete within requested timeout - context deadline exceeded"
    : "request did not complete within the allotted timeout";
  return failure(timedOut(why), wantsPretty(request, info));
}
