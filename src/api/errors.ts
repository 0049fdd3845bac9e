/**
 * Errors as the API reports them: every failure a client can see is an ApiError, which is a
 * Kubernetes `Status` with a stack trace. Anything else that is thrown is a bug in this program,
 * and becomes a 500.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go
 */
import { type FieldError, wordingOf } from "./field-error.ts";

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  /** The resource ("pods"), for Invalid the kind. */
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export interface Status {
  kind: "Status";
  apiVersion: "v1";
  metadata: Record<string, never>;
  status: "Failure";
  message: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: Status;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.status = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      ...(reason === "" ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }

  get code(): number {
    return this.status.code;
  }

  /** The error a server's answer stands for, whatever that answer was. */
  static fromStatus(code: number, body: Partial<Status>): ApiError {
    const { reason = "", message = "", details } = body;
    return new ApiError(
      body.code ?? code,
      reason,
      message || `the server answered ${code}`,
      details,
    );
  }
}

/** What an error is about: a Kind fits. */
export interface ResourceName {
  group: string;
  plural: string;
}

export interface KindName {
  group: string;
  kind: string;
}

export const notFound = (of: ResourceName, name: string) =>
  new ApiError(404, "NotFound", `${resource(of)} "${name}" not found`, about(of, name));

/** The path itself is not served. */
export const pathNotFound = () =>
  new ApiError(404, "NotFound", "the server could not find the requested resource", {});

export const alreadyExists = (of: ResourceName, name: string) =>
  new ApiError(409, "AlreadyExists", `${resource(of)} "${name}" already exists`, about(of, name));

export const conflict = (of: ResourceName, name: string, why = MODIFIED) =>
  new ApiError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${resource(of)} "${name}": ${why}`,
    about(of, name),
  );

const MODIFIED =
  "the object has been modified; please apply your changes to the latest version and try again";

export const badRequest = (message: string) => new ApiError(400, "BadRequest", message);

export const unauthorized = () => new ApiError(401, "Unauthorized", "Unauthorized");

export const forbiddenRequest = (of: ResourceName, name: string, why: string) =>
  new ApiError(
    403,
    "Forbidden",
    `${resource(of)} ${name === "" ? "is" : `${JSON.stringify(name)} is`} forbidden: ${why}`,
    about(of, name),
  );

export const methodNotSupported = (of: ResourceName, verb: string) =>
  new ApiError(
    405,
    "MethodNotAllowed",
    `${verb} is not supported on resources of kind "${resource(of)}"`,
    about(of, ""),
  );

/** 410: reading on from there is no longer possible; list again. `Expired` is list's and watch's word. */
export const expired = (message: string) => new ApiError(410, "Expired", message);

export const requestTooLarge = (message: string) =>
  new ApiError(413, "RequestEntityTooLarge", message);

export const unsupportedMediaType = (message: string) =>
  new ApiError(415, "UnsupportedMediaType", message);

export const notAcceptable = (message: string) => new ApiError(406, "NotAcceptable", message);

export const internalError = (message: string) =>
  new ApiError(500, "InternalError", `Internal error occurred: ${message}`, {
    causes: [{ message }],
  });

export const serviceUnavailable = (message: string) =>
  new ApiError(503, "ServiceUnavailable", message);

export const timedOut = (message: string, retryAfterSeconds = 0) =>
  new ApiError(504, "Timeout", `Timeout: ${message}`, { retryAfterSeconds });

export const tooManyRequests = (message: string, retryAfterSeconds: number) =>
  new ApiError(429, "TooManyRequests", message, { retryAfterSeconds });

/** 422: all that is wrong with an object at once, each wording once. */
export function invalid(of: KindName, name: string, errors: FieldError[]): ApiError {
  const wordings = [...new Set(errors.map(wordingOf))];
  const list = wordings.length === 1 ? wordings[0]! : `[${wordings.join(", ")}]`;
  const kind = of.group === "" ? of.kind : `${of.kind}.${of.group}`;
  const causes = errors.map(({ reason, field, message }) => ({ reason, message, field }));
  return new ApiError(422, "Invalid", `${kind} ${JSON.stringify(name)} is invalid: ${list}`, {
    ...(name === "" ? {} : { name }),
    ...(of.group === "" ? {} : { group: of.group }),
    ...(of.kind === "" ? {} : { kind: of.kind }),
    causes,
  });
}

export const isNotFound = (error: unknown) => hasReason(error, "NotFound");
export const isAlreadyExists = (error: unknown) => hasReason(error, "AlreadyExists");
export const isConflict = (error: unknown) => hasReason(error, "Conflict");
export const isExpired = (error: unknown) =>
  hasReason(error, "Expired") || hasReason(error, "Gone");

export function hasReason(error: unknown, reason: string): boolean {
  return error instanceof ApiError && error.status.reason === reason;
}

function resource({ group, plural }: ResourceName): string {
  return group === "" ? plural : `${plural}.${group}`;
}

function about({ group, plural }: ResourceName, name: string): StatusDetails {
  return {
    ...(name === "" ? {} : { name }),
    ...(group === "" ? {} : { group }),
    kind: plural,
  };
}
