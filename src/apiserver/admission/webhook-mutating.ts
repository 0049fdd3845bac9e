/**
 * MutatingAdmissionWebhook: asks webhooks, one after the other, what is to be changed in an object before it is
 * written. One that wants to (reinvocationPolicy IfNeeded) is asked once more where a later one changed it.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/mutating/dispatcher.go. Differs:
 * the plug-ins before it do not run again.
 */
import type { Operation } from "fast-json-patch";
import { MutatingWebhookConfiguration } from "../../api/admissionregistration/webhook-configuration.ts";
import { internalError } from "../../api/errors.ts";
import type { Kind, KubeObject } from "../../api/kind.ts";
import { copyOf } from "../stored-object.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import { concerns, consult, type ReadyWebhook, type WebhookSurroundings } from "./webhook-call.ts";
import { webhooksOf } from "./webhook-configurations.ts";
import { isExempt } from "./webhook-match.ts";
import { asVersion } from "./webhook-versions.ts";

export function mutatingWebhooks(surroundings: WebhookSurroundings): AdmissionPlugin {
  const kind = MutatingWebhookConfiguration as unknown as Kind;
  const webhooks = webhooksOf(surroundings.cache, kind);
  return {
    name: "MutatingAdmissionWebhook",
    takesConnections: true,
    admit(request) {
      const asked = webhooks();
      if (asked.length === 0 || isExempt(request)) return undefined;
      return askAll(asked, request, surroundings);
    },
  };
}

async function askAll(
  webhooks: readonly ReadyWebhook[],
  request: AdmissionRequest,
  surroundings: WebhookSurroundings,
): Promise<void> {
  /** How often the object had been changed when each was asked for the last time. */
  const seen = new Map<ReadyWebhook, number>();
  let changes = 0;
  for (const webhook of webhooks) {
    if (await ask(webhook, request, surroundings)) changes++;
    seen.set(webhook, changes);
  }
  for (const webhook of webhooks) {
    const isLate = (seen.get(webhook) ?? 0) < changes;
    if (!isLate || webhook.webhook.reinvocationPolicy !== "IfNeeded") continue;
    if (await ask(webhook, request, surroundings)) changes++;
  }
}

/** Whether it changed the object. */
async function ask(
  ready: ReadyWebhook,
  request: AdmissionRequest,
  surroundings: WebhookSurroundings,
): Promise<boolean> {
  const kind = await concerns(ready, request, surroundings);
  if (kind === undefined) return false;
  const response = await consult(ready, request, kind, true, surroundings);
  if (!response?.patch) return false;
  const { name } = ready.webhook;
  if (request.object === undefined) {
    throw internalError(
      `admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`,
    );
  }
  const before = JSON.stringify(request.object);
  await change(request, request.object, kind, response.patch);
  return JSON.stringify(request.object) !== before;
}

async function change(
  request: AdmissionRequest,
  object: KubeObject,
  kind: Kind,
  patch: string,
): Promise<void> {
  const { jsonPatch } = await import("../patch/json-patch.ts");
  const shown = copyOf(await asVersion(object, request.kind, kind));
  const patched = jsonPatch(shown, operationsIn(patch)) as KubeObject;
  const { apiVersion, kind: name, metadata } = object;
  const changed = await asVersion(patched, kind, request.kind);
  for (const field of Object.keys(object))
    delete (object as unknown as Record<string, unknown>)[field];
  Object.assign(object, changed, { apiVersion, kind: name });
  keepIdentity(object, metadata);
  if (request.verb !== "connect") request.kind.setDefaults?.(object);
}

/** Who it is, a webhook does not decide. */
function keepIdentity({ metadata }: KubeObject, was: KubeObject["metadata"] | undefined): void {
  if (metadata === undefined || was === undefined) return;
  const fields = ["name", "namespace", "uid", "creationTimestamp", "resourceVersion"] as const;
  for (const field of fields) {
    if (was[field] === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: was[field] });
  }
}

function operationsIn(patch: string): Operation[] {
  try {
    return JSON.parse(Buffer.from(patch, "base64").toString()) as Operation[];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw internalError(error.message);
  }
}
