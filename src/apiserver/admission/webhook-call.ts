/**
 * Asking one webhook about one request: whether it is concerned, the call, and what its answer comes to.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/generic/webhook.go,
 * {mutating,validating}/dispatcher.go, errors/statuserror.go
 */

import { loadExpressions } from "../../api/admissionregistration/expressions.ts";
import type { Webhook } from "../../api/admissionregistration/webhook.ts";
import { ApiError, badRequest, forbiddenRequest, internalError } from "../../api/errors.ts";
import type { Kind } from "../../api/kind.ts";
import type { Log } from "../../component/log.ts";
import { randomUuid } from "../../component/random.ts";
import type { Authorizer } from "../authorize.ts";
import { callWebhook, type WebhookDialer } from "../custom-resources/webhook-call.ts";
import type { AdmissionRequest } from "./admission.ts";
import { type Matcher, type MatchSurroundings, match, matcherOf } from "./webhook-match.ts";
import { type AdmissionResponse, responseIn, reviewOf } from "./webhook-review.ts";

export interface WebhookSurroundings extends MatchSurroundings, WebhookDialer {
  authorizer: Authorizer;
  log: Log;
}

/** A webhook made ready. */
export interface ReadyWebhook {
  webhook: Webhook;
  matcher: Matcher;
  /** The name of the configuration it is in. */
  configuration: string;
}

/** One that is asked about a request: as which of all webhooks, for the how manieth time. */
export interface AskedWebhook extends ReadyWebhook {
  index: number;
  round: number;
  isMutating: boolean;
}

const REVIEW_VERSIONS = ["v1", "v1beta1"];
const SECOND_MS = 1_000;

export function readied(webhook: Webhook, configuration: string): ReadyWebhook {
  const { rules = [], matchPolicy, namespaceSelector, objectSelector } = webhook;
  const matcher = matcherOf({
    resourceRules: rules,
    ...(matchPolicy && { matchPolicy }),
    ...(namespaceSelector && { namespaceSelector }),
    ...(objectSelector && { objectSelector }),
  });
  return { webhook, matcher, configuration };
}

/** As which kind the webhook is to see the request; undefined: it need not. */
export async function concerns(
  { webhook, matcher }: ReadyWebhook,
  request: AdmissionRequest,
  surroundings: WebhookSurroundings,
): Promise<Kind | undefined> {
  const kind = await match(matcher, request, surroundings);
  if (kind === undefined || !webhook.matchConditions?.length) return kind;
  await loadExpressions();
  const [{ compileConditions, conditionsHold }, { namesOf }] = await Promise.all([
    import("./policy-conditions.ts"),
    import("./policy-names.ts"),
  ]);
  const names = await namesOf(request, kind, surroundings.authorizer, undefined);
  const verdict = await conditionsHold(compileConditions(webhook.matchConditions), names);
  if (typeof verdict === "boolean") return verdict ? kind : undefined;
  if (webhook.failurePolicy === "Ignore") return undefined;
  throw forbiddenRequest(request.kind, request.name, verdict);
}

/** Its answer, if it lets the request pass; undefined where it failed and that is to be ignored. */
export async function consult(
  { webhook, round, index, isMutating }: AskedWebhook,
  request: AdmissionRequest,
  kind: Kind,
  surroundings: WebhookSurroundings,
): Promise<AdmissionResponse | undefined> {
  const quoted = JSON.stringify(webhook.name);
  const hasSideEffects = !["None", "NoneOnDryRun"].includes(webhook.sideEffects);
  if (request.isDryRun && hasSideEffects) {
    throw badRequest(`admission webhook ${quoted} does not support dry run`);
  }
  let response: AdmissionResponse;
  try {
    response = await call(webhook, request, kind, isMutating, surroundings);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    const message = `failed calling webhook ${quoted}: ${error.message}`;
    if (webhook.failurePolicy !== "Ignore") throw internalError(message);
    surroundings.log.warn("Failed calling webhook, failing open", { err: message });
    const sort = isMutating ? "mutation" : "validating";
    const where = `failed-open.${sort}.webhook.admission.k8s.io/round_${round}_index_${index}`;
    request.annotate?.(where, webhook.name);
    return undefined;
  }
  for (const warning of response.warnings ?? []) request.warn(warning);
  for (const [key, value] of Object.entries(response.auditAnnotations ?? {})) {
    request.annotate?.(`${webhook.name}/${key}`, value);
  }
  if (!response.allowed) throw denial(webhook.name, response.status);
  return response;
}

/** The webhook could not be asked, or made no sense. */
class CallError extends Error {}

async function call(
  webhook: Webhook,
  request: AdmissionRequest,
  kind: Kind,
  isMutating: boolean,
  surroundings: WebhookSurroundings,
): Promise<AdmissionResponse> {
  const version = webhook.admissionReviewVersions.find((one) => REVIEW_VERSIONS.includes(one));
  const apiVersion = `admission.k8s.io/${version}`;
  const uid = randomUuid(surroundings.random);
  const review = await reviewOf(request, kind, uid, apiVersion, isMutating);
  const timeoutMs = (webhook.timeoutSeconds ?? 10) * SECOND_MS;
  const answer = await failingWith("failed to call webhook", () =>
    callWebhook(webhook.clientConfig, review, timeoutMs, surroundings),
  );
  const response = await failingWith("received invalid webhook response", () =>
    responseIn(answer.body, uid, apiVersion, isMutating),
  );
  const { patch } = response;
  if (!patch || !isMutating) return response;
  return failingWith("received undecodable patch in webhook response", () => ({
    ...response,
    operations: JSON.parse(Buffer.from(patch, "base64").toString()),
  }));
}

async function failingWith<T>(what: string, attempt: () => T | Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    throw new CallError(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Its own status, with who it was before its message. */
function denial(name: string, given: AdmissionResponse["status"] = {}): ApiError {
  const by = `admission webhook ${JSON.stringify(name)} denied the request`;
  const { message, reason, code = 0, ...rest } = given;
  const why = message || reason;
  const { details } = rest as { details?: object };
  const text = why ? `${by}: ${why}` : `${by} without explanation`;
  return new ApiError(Math.max(code, 400), reason ?? "", text, details);
}
