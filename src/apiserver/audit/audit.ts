/**
 * The audit log: who did what, when, and what came of it. A request is told of when it has arrived, when a
 * stream has begun, and when it has been answered; how much of it, the policy says.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/filters/audit.go, pkg/audit/request.go. Differs: a
 * stream is told of when it begins, not also when it ends.
 */
import type { ApiRequest, ApiResponse } from "../../client/transport.ts";
import { type Clock, toApiMicroTime } from "../../component/clock.ts";
import { type Random, randomUuid } from "../../component/random.ts";
import type { Connection, User } from "../authenticate.ts";
import type { Decision } from "../authorize.ts";
import type { RequestInfo } from "../request-info.ts";
import { type AuditDecision, type AuditPolicy, type AuditStage, judge } from "./policy.ts";

export interface AuditOptions {
  policy: AuditPolicy;
  /** Takes one event as a line, newline included. */
  write(line: string): void;
  /** Writes what has not been written yet. */
  close?(): Promise<void>;
}

type Json = Record<string, unknown>;

/** One request on its way. */
export interface AuditRecord {
  /** Takes note of what the authorizer says. */
  decided(decision: Decision): void;
  /** Adds a note to what is told when it is answered. */
  annotate(key: string, value: string): void;
  /** Called when it is answered. */
  answered(response: ApiResponse): void;
}

export class Audit {
  readonly #options: AuditOptions;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(options: AuditOptions, { clock, random }: { clock: Clock; random: Random }) {
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
  }

  /** Undefined where the policy wants nothing of it. */
  begin(
    request: ApiRequest,
    info: RequestInfo,
    user: User | undefined,
    { address }: Pick<Connection, "address">,
  ): AuditRecord | undefined {
    const decision = judge(this.#options.policy, user?.impersonator ?? user, info);
    if (decision.level === "None") return undefined;
    const event = this.#eventOf(request, info, user, decision);
    if (address !== undefined)
      event.sourceIPs = [...((event.sourceIPs ?? []) as string[]), address];
    this.#tell(event, "RequestReceived", decision);
    return {
      decided(decision) {
        const { allowed } = decision;
        const reason = allowed ? (decision.explain?.() ?? "") : decision.reason;
        event.annotations = annotationsOf(allowed, reason);
      },
      annotate(key, value) {
        // A patch is a part of the object.
        if (decision.level === "Metadata" && key.startsWith("patch.webhook.")) return;
        event.annotations = { ...(event.annotations as Json | undefined), [key]: value };
      },
      answered: (response) => {
        Object.assign(event, requestObjectOf(request, info, decision));
        const isStream = response.body.type === "stream";
        event.responseStatus = statusOf(response);
        if (decision.level === "RequestResponse" && !isStream) {
          const object = withoutManagedFields(jsonOf(textOf(response)), decision);
          if (object !== undefined) event.responseObject = object;
        }
        this.#tell(event, isStream ? "ResponseStarted" : "ResponseComplete", decision);
      },
    };
  }

  #tell(event: Json, stage: AuditStage, { omitStages }: AuditDecision): void {
    if (omitStages.has(stage)) return;
    const { annotations, requestReceivedTimestamp, ...rest } = event;
    const told = {
      ...rest,
      stage,
      requestReceivedTimestamp,
      stageTimestamp: toApiMicroTime(this.#clock.now()),
      ...(annotations === undefined ? {} : { annotations }),
    };
    this.#options.write(`${JSON.stringify(told)}\n`);
  }

  #eventOf(
    { path, headers }: ApiRequest,
    info: RequestInfo,
    user: User | undefined,
    { level }: AuditDecision,
  ): Json {
    const given = headers["audit-id"];
    const forwarded = (headers["x-forwarded-for"] ?? "").split(",").map((one) => one.trim());
    const sourceIPs = forwarded.filter((one) => one !== "");
    return {
      kind: "Event",
      apiVersion: "audit.k8s.io/v1",
      level,
      auditID: given ? given.slice(0, 64) : randomUuid(this.#random),
      requestURI: path,
      verb: info.verb,
      user: userOf(user?.impersonator ?? user),
      ...(user?.impersonator === undefined ? {} : { impersonatedUser: userOf(user) }),
      ...(sourceIPs.length > 0 ? { sourceIPs } : {}),
      ...(headers["user-agent"] ? { userAgent: headers["user-agent"] } : {}),
      ...(info.isResourceRequest ? { objectRef: referenceOf(info) } : {}),
      requestReceivedTimestamp: toApiMicroTime(this.#clock.now()),
    };
  }
}

function userOf(user: User | undefined): Json {
  if (user === undefined) return {};
  const { name: username, uid, groups, extra } = user;
  return { username, ...(uid && { uid }), groups, ...(extra && { extra }) };
}

function referenceOf(info: RequestInfo): Json {
  const { resource, namespace, name, group, version, subresource } = info;
  const fields = { resource, namespace, name, apiGroup: group, apiVersion: version, subresource };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}

function annotationsOf(allowed: boolean, reason: string): Json {
  return {
    "authorization.k8s.io/decision": allowed ? "allow" : "forbid",
    "authorization.k8s.io/reason": reason,
  };
}

/** The object of a write, where the policy wants it. */
function requestObjectOf(
  { body }: ApiRequest,
  { verb }: RequestInfo,
  decision: AuditDecision,
): Json {
  if (decision.level === "Metadata" || body === undefined || body.length === 0) return {};
  if (!["create", "update", "patch", "delete", "deletecollection"].includes(verb)) return {};
  const object = withoutManagedFields(jsonOf(Buffer.from(body).toString()), decision);
  return object === undefined ? {} : { requestObject: object };
}

function statusOf(response: ApiResponse): Json {
  const code = response.status;
  const empty = { metadata: {} };
  if (code < 400) return { ...empty, code };
  const { status, message, reason, details } = (jsonOf(textOf(response)) ?? {}) as Json;
  return { ...empty, status, message, reason, ...(details ? { details } : {}), code };
}

function withoutManagedFields(object: Json | undefined, { omitManagedFields }: AuditDecision) {
  const { managedFields, ...metadata } = (object?.metadata ?? {}) as Json;
  return omitManagedFields && managedFields !== undefined ? { ...object, metadata } : object;
}

function textOf({ body }: ApiResponse): string {
  return body.type === "stream" ? "" : Buffer.concat(body.chunks).toString();
}

/** Undefined where it is not JSON: a patch in YAML, a page of text. */
function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
