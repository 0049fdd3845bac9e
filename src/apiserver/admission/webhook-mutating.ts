/**
 * MutatingAdmissionWebhook: asks webhooks, one after the other, what is to be changed in an object before it is
 * written. One that wants to (reinvocationPolicy IfNeeded) is asked once more where a later one changed it.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/mutating/dispatcher.go. Differs:
 * the plug-ins before it do not run again; what is changed in the options of a connection changes nothing.
 */
import { isDeepStrictEqual } from "node:util";
import { MutatingWebhookConfiguration } from "../../api/admissionregistration/webhook-configuration.ts";
import { internalError } from "../../api/errors.ts";
import type { Kind, KubeObject } from "../../api/kind.ts";
import { copyOf } from "../stored-object.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import {
  type AskedWebhook,
  concerns,
  consult,
  type ReadyWebhook,
  type WebhookSurroundings,
} from "./webhook-call.ts";
import { whereThereAreWebhooks } from "./webhook-configurations.ts";
import { asSeenBefore, asVersion } from "./webhook-versions.ts";

export function mutatingWebhooks(surroundings: WebhookSurroundings): AdmissionPlugin {
  const kind = MutatingWebhookConfiguration as unknown as Kind;
  return {
    name: "MutatingAdmissionWebhook",
    takesConnections: true,
    admit: whereThereAreWebhooks(kind, surroundings, askAll),
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
  const ask = async (ready: ReadyWebhook, round: number) => {
    const kind = await concerns(ready, request, surroundings);
    if (kind === undefined) return;
    const asked = { ...ready, round, index: webhooks.indexOf(ready), isMutating: true };
    if (await mayChange(asked, request, kind, surroundings)) changes++;
    seen.set(ready, changes);
  };
  for (const ready of webhooks) await ask(ready, 0);
  for (const ready of webhooks) {
    const isLate = (seen.get(ready) ?? changes) < changes;
    if (isLate && ready.webhook.reinvocationPolicy === "IfNeeded") await ask(ready, 1);
  }
}

/** Whether it changed the object. */
async function mayChange(
  asked: AskedWebhook,
  request: AdmissionRequest,
  kind: Kind,
  surroundings: WebhookSurroundings,
): Promise<boolean> {
  const { webhook, configuration, round, index } = asked;
  const answer = await consult(asked, request, kind, surroundings);
  if (answer === undefined) return false;
  const { operations = [] } = answer;
  const isChanged = operations.length > 0 && (await change(asked, request, kind, operations));
  const about = { configuration, webhook: webhook.name };
  const where = `webhook.admission.k8s.io/round_${round}_index_${index}`;
  request.annotate?.(`mutation.${where}`, JSON.stringify({ ...about, mutated: isChanged }));
  if (isChanged) {
    const patch = { ...about, patch: operations, patchType: "JSONPatch" };
    request.annotate?.(`patch.${where}`, JSON.stringify(patch));
  }
  return isChanged;
}

async function change(
  { webhook }: AskedWebhook,
  request: AdmissionRequest,
  kind: Kind,
  operations: NonNullable<Awaited<ReturnType<typeof consult>>>["operations"] & object,
): Promise<boolean> {
  const { object } = request;
  if (object === undefined) {
    throw internalError(
      `admission webhook ${JSON.stringify(webhook.name)} attempted to modify the object, which is not supported for this operation`,
    );
  }
  const { jsonPatch } = await import("../patch/json-patch.ts");
  const shown = await asSeenBefore(request, object, kind);
  let patched: KubeObject;
  try {
    patched = jsonPatch(copyOf(shown), operations) as KubeObject;
  } catch (error) {
    throw internalError((error as Error).message);
  }
  if (isDeepStrictEqual(patched, shown)) return false;
  await take(request, object, patched, kind);
  return true;
}

/** Puts what the webhook made of it in the place of the object. */
async function take(
  request: AdmissionRequest,
  object: KubeObject,
  patched: KubeObject,
  kind: Kind,
): Promise<void> {
  const { apiVersion, kind: name, metadata } = object;
  const changed = request.objectKind ? patched : await asVersion(patched, kind, request.kind);
  for (const field of Object.keys(object))
    delete (object as unknown as Record<string, unknown>)[field];
  Object.assign(object, changed, { apiVersion, kind: name });
  keepIdentity(object, metadata);
  request.isMutated = true;
  if (request.objectKind === undefined) request.kind.setDefaults?.(object);
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
