/**
 * --authorization-mode=Webhook: another server decides. It is sent a SubjectAccessReview and its answer is
 * remembered for a while, a no for a shorter one. One that does not answer has no opinion.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/plugin/pkg/authorizer/webhook/webhook.go
 */
import type { SubjectAccessReviewStatus } from "kubernetes-types/authorization/v1.js";
import type { ApiResponse, Transport } from "../../client/transport.ts";
import type { Clock } from "../../component/clock.ts";
import type { Log } from "../../component/log.ts";
import type { User } from "../authenticate.ts";
import {
  ALLOWED,
  type Attributes,
  type Authorizer,
  type Decision,
  NO_OPINION,
} from "../authorize.ts";

export interface WebhookOptions {
  /** Leads to the server's URL; `path` is what follows it. */
  transport: Transport;
  path: string;
  /** Who we are to it. */
  headers?: Record<string, string>;
  /** Of the reviews: "v1" or "v1beta1". */
  version: string;
  allowedForMs: number;
  deniedForMs: number;
}

interface Remembered {
  decision: Decision;
  untilMs: number;
}

const REMEMBERED_MAX = 8_192;
const KEY_LENGTH_MAX = 10_000;

export function webhookAuthorizer(
  options: WebhookOptions,
  { clock, log }: { clock: Clock; log: Log },
): Authorizer {
  const remembered = new Map<string, Remembered>();
  return async (user, attributes) => {
    const spec = specOf(user, attributes);
    const key = JSON.stringify(spec);
    const known = remembered.get(key);
    if (known !== undefined && known.untilMs > clock.monotonicMs()) return known.decision;
    remembered.delete(key);
    try {
      const decision = decisionOf(await ask(options, spec));
      const forMs = decision.allowed ? options.allowedForMs : options.deniedForMs;
      if (key.length <= KEY_LENGTH_MAX) {
        const [oldest] = remembered.keys();
        if (remembered.size >= REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
        remembered.set(key, { decision, untilMs: clock.monotonicMs() + forMs });
      }
      return decision;
    } catch (error) {
      log.error("Failed to make webhook authorizer request", error);
      return NO_OPINION;
    }
  };
}

async function ask({ transport, path, headers, version }: WebhookOptions, spec: unknown) {
  const review = {
    kind: "SubjectAccessReview",
    apiVersion: `authorization.k8s.io/${version}`,
    metadata: { creationTimestamp: null },
    spec,
    status: { allowed: false },
  };
  const response = await transport({
    method: "POST",
    path,
    headers: { ...headers, "content-type": "application/json", accept: "application/json" },
    body: Buffer.from(JSON.stringify(review)),
  });
  if (response.status < 200 || response.status > 299) {
    throw new Error(`the webhook answered ${response.status}`);
  }
  const { status } = JSON.parse(textOf(response)) as { status?: SubjectAccessReviewStatus };
  return status ?? { allowed: false };
}

function decisionOf({ allowed, denied, reason = "" }: SubjectAccessReviewStatus): Decision {
  if (allowed && denied)
    throw new Error("webhook subject access review returned both allow and deny response");
  if (allowed) return reason === "" ? ALLOWED : { allowed: true, explain: () => reason };
  return { allowed: false, reason, ...(denied ? { isFinal: true } : {}) };
}

function specOf({ name, uid, groups, extra }: User, attributes: Attributes) {
  const { verb, group, version, resource, subresource, namespace, path } = attributes;
  const asked = attributes.isResourceRequest
    ? {
        resourceAttributes: withoutEmpty({
          ...{ namespace, verb, group, version, resource, subresource },
          name: attributes.name,
        }),
      }
    : { nonResourceAttributes: { path, verb } };
  return { ...asked, user: name, groups, ...(extra && { extra }), ...(uid && { uid }) };
}

function withoutEmpty(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}

function textOf({ body }: ApiResponse): string {
  if (body.type === "stream") throw new Error("the webhook answered with a stream");
  return Buffer.concat(body.chunks).toString();
}
