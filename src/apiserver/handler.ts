/**
 * The API server as one function from request to response: who asks, may they, what do they ask for, and
 * who answers. server.ts puts sockets in front of it; in one process it is called as it is.
 *
 * Its invariant: it always answers. An ApiError is its own answer; what the store cannot do is answered in
 * Kubernetes' words; anything else is our bug, told in the log with its stack and to the client as a 500.
 *
 * In Kubernetes: DefaultBuildHandlerChain in staging/src/k8s.io/apiserver/pkg/server/config.go
 */
import { ApiError, expired, pathNotFound, requestTooLarge, timedOut } from "../api/errors.ts";
import type { Kind, Verb } from "../api/kind.ts";
import { isOtherVersion } from "../api/served-versions.ts";
import type { ApiRequest, ApiResponse } from "../client/transport.ts";
import type { Clock } from "../component/clock.ts";
import type { Log } from "../component/log.ts";
import { failure, methodNotAllowed } from "./answer.ts";
import type { Audit, AuditRecord } from "./audit/audit.ts";
import type { Authenticator, Connection, User } from "./authenticate.ts";
import { type Authorizer, authorize } from "./authorize.ts";
import type { RequestLimits, Turn } from "./flow-control/request-limits.ts";
import { wantsPretty } from "./negotiate.ts";
import { type RequestInfo, requestInfoOf } from "./request-info.ts";
import type { Call, ResourceHandler } from "./resource-handler.ts";
import type { Resources } from "./resources.ts";
import { TooOldError } from "./storage/event-ring.ts";
import { TooLargeRevisionError } from "./storage/revision-waiters.ts";
import {
  CompactedError,
  FutureRevisionError,
  TooLargeError,
  UnavailableError,
} from "./storage/store.ts";
import { warningHeaders } from "./warning-headers.ts";

/** As much as a body may be. server.ts reads no more of a larger one than it takes to see that. */
export const BODY_BYTES_MAX = 3 * 1024 * 1024;

/** The same function as a Transport, told by which door the request came in. */
export type Handler = (request: ApiRequest, connection?: Connection) => Promise<ApiResponse>;

/** Answers a subresource that is not simply an object: binding, scale, log, proxy. */
export type SubresourceHandler = (kind: Kind, call: Call) => Promise<ApiResponse>;

export interface HandlerOptions {
  authenticate: Authenticator;
  authorizer: Authorizer;
  /** Told of every request that is to be told of. */
  audit?: Audit;
  /** How many requests at a time. Default: as many as come. */
  limits?: RequestLimits;
  resources: Resources;
  resourceHandler: ResourceHandler;
  /** By "plural/subresource"; the scale of every kind is under "*" for its plural. */
  subresources: ReadonlyMap<string, SubresourceHandler>;
  /** Answers what is no resource; undefined where there is nothing under the path. */
  other(call: Call): Promise<ApiResponse | undefined>;
  /** Told of every request when it is answered. */
  onAnswer(info: RequestInfo, status: number, durationMs: number): void;
  clock: Clock;
  log: Log;
}

/** Versions of the core group from before v1, which can be looked at. */
const LEGACY_VERSION = /^v1beta[123]$/;
const IN_PROCESS: Connection = { door: "in-process" };

export function createHandler(options: HandlerOptions): Handler {
  const { clock, log } = options;
  return async (request, connection = IN_PROCESS) => {
    const startMs = clock.monotonicMs();
    const info = requestInfoOf(request.method, request.path);
    const warnings: string[] = [];
    let response: ApiResponse;
    let leave: (() => void) | undefined;
    let turn: Turn | undefined;
    let audited: AuditRecord | undefined;
    let user: User | undefined;
    try {
      checkSize(request);
      user = await options.authenticate(request, connection);
      audited = options.audit?.begin(request, info, user, connection);
      turn = options.limits?.turnOf(user, info);
      if (turn?.limit !== undefined) {
        const { limit, flow } = turn;
        if (!limit.enter(flow)) await limit.wait(flow);
        const answered = options.limits!.count(info);
        leave = () => {
          limit.leave(flow);
          answered();
        };
      }
      await authorize(options.authorizer, user, info, audited?.decided);
      const readable = isProtobuf(request) ? await readProtobuf(request) : request;
      const asker = user;
      const mayAlso = async (also: RequestInfo) =>
        void (await authorize(options.authorizer, asker, also));
      const annotate = audited && { annotate: audited.annotate };
      const call = { request: readable, info, user, warnings, authorize: mayAlso, ...annotate };
      response = await route(call, options);
    } catch (error) {
      response = failure(asApiError(error, info, log), wantsPretty(request, info));
      if (user === undefined) audited = options.audit?.begin(request, info, undefined, connection);
    }
    leave?.();
    audited?.answered(response);
    if (turn !== undefined) Object.assign(response.headers, turn.headers);
    // A write that had to be tried again warns again, but is told of once.
    if (warnings.length > 0) response.headers.warning = warningHeaders(warnings);
    options.onAnswer(info, response.status, clock.monotonicMs() - startMs);
    return response;
  };
}

function checkSize({ body }: ApiRequest): void {
  if (body === undefined || body.length <= BODY_BYTES_MAX) return;
  throw requestTooLarge(`Request entity too large: limit is ${BODY_BYTES_MAX}`);
}

function isProtobuf({ headers }: ApiRequest): boolean {
  return headers["content-type"]?.startsWith("application/vnd.kubernetes.protobuf") ?? false;
}

async function readProtobuf(request: ApiRequest): Promise<ApiRequest> {
  const { withJsonBody } = await import("./protobuf-body.ts");
  return withJsonBody(request);
}

async function route(call: Call, options: HandlerOptions): Promise<ApiResponse> {
  const { info } = call;
  if (!info.isResourceRequest) {
    const answer = await options.other(call);
    if (answer === undefined) throw pathNotFound();
    return answer;
  }
  const claim = options.resources.claimOn(info);
  if (claim !== undefined) return claim.answer(call);
  const kind = options.resources.of(info);
  if (kind === undefined) {
    if (info.group !== "" || !LEGACY_VERSION.test(info.version)) throw pathNotFound();
    const { answerLegacy } = await import("./legacy/legacy-view.ts");
    return answerLegacy(call, (path) => readAs(call, path, options));
  }
  if (isOtherVersion(kind)) {
    const { answerAs } = await import("./served-version.ts");
    return answerAs(kind, call, (stored, inner) => routeTo(stored, inner, options));
  }
  return routeTo(kind, call, options);
}

async function routeTo(kind: Kind, call: Call, options: HandlerOptions): Promise<ApiResponse> {
  const { info } = call;
  if (kind.deprecationWarning !== undefined) call.warnings.push(kind.deprecationWarning);
  const handler = subresourceHandlerOf(kind, info.subresource, options);
  if (handler !== undefined) {
    if (!isAllowed(kind, info)) throw methodNotAllowed();
    return handler(kind, call);
  }
  const isPlain = info.subresource === "" || (info.subresource === "status" && kind.hasStatus);
  if (!isPlain) throw pathNotFound();
  return options.resourceHandler.handle(kind, call);
}

/** What the same user gets under another path. */
async function readAs(call: Call, path: string, options: HandlerOptions): Promise<unknown> {
  const info = requestInfoOf("GET", path);
  await authorize(options.authorizer, call.user, info);
  const headers = { ...call.request.headers, accept: "application/json" };
  const request = { ...call.request, method: "GET", path, headers };
  const { body } = await route({ ...call, info, request }, options);
  if (body.type === "stream") throw new Error(`${path} answered with a stream`);
  return JSON.parse(Buffer.concat(body.chunks).toString());
}

function isAllowed(kind: Kind, { subresource, verb }: RequestInfo): boolean {
  const declared = kind.subresources?.find(({ name }) => name === subresource)?.verbs;
  const verbs = subresource === "" ? kind.verbs : declared;
  return verbs === undefined || verbs.includes(verb as Verb);
}

function subresourceHandlerOf(kind: Kind, name: string, { subresources }: HandlerOptions) {
  if (name === "scale") return kind.scale && subresources.get("*/scale");
  // A custom kind may have the plural of another group's.
  return kind.custom ? undefined : subresources.get(`${kind.plural}/${name}`);
}

/** What the store could not do, as Kubernetes tells a client of it. */
export function asApiError(error: unknown, info: RequestInfo, log: Log): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof TooLargeRevisionError) return tooLargeRevision(error.message);
  if (error instanceof FutureRevisionError) return tooLargeRevision(error.message);
  if (error instanceof CompactedError || error instanceof TooOldError)
    return expired(error.message);
  if (error instanceof TooLargeError) return requestTooLarge(error.message);
  if (error instanceof UnavailableError) return new ApiError(500, "", error.message);
  if (error instanceof Error && error.name === "AbortError") {
    return new ApiError(499, "", "the client has gone");
  }
  log.error("A request failed", error, { method: info.method, path: info.path });
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError(500, "InternalError", `Internal error occurred: ${message}`, {
    causes: [{ message }],
  });
}

function tooLargeRevision(message: string): ApiError {
  const error = timedOut(message, 1);
  error.status.details!.causes = [
    { reason: "ResourceVersionTooLarge", message: "Too large resource version" },
  ];
  return error;
}
