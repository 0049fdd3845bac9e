/**
 * ValidatingAdmissionWebhook: asks webhooks, all at once, whether what is about to be written may be. The first
 * refusal, in the order of the webhooks, is the answer.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/validating/dispatcher.go
 */
import { ValidatingWebhookConfiguration } from "../../api/admissionregistration/webhook-configuration.ts";
import type { Kind } from "../../api/kind.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";
import { concerns, consult, type ReadyWebhook, type WebhookSurroundings } from "./webhook-call.ts";
import { webhooksOf } from "./webhook-configurations.ts";
import { isExempt } from "./webhook-match.ts";

export function validatingWebhooks(surroundings: WebhookSurroundings): AdmissionPlugin {
  const kind = ValidatingWebhookConfiguration as unknown as Kind;
  const webhooks = webhooksOf(surroundings.cache, kind);
  return {
    name: "ValidatingAdmissionWebhook",
    takesConnections: true,
    admit: () => undefined,
    validate(request) {
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
  const outcomes = await Promise.allSettled(
    webhooks.map(async (webhook) => {
      const kind = await concerns(webhook, request, surroundings);
      if (kind !== undefined) await consult(webhook, request, kind, false, surroundings);
    }),
  );
  const refusal = outcomes.find((one) => one.status === "rejected");
  if (refusal !== undefined) throw refusal.reason;
}
