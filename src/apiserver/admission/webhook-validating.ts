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
import { whereThereAreWebhooks } from "./webhook-configurations.ts";

export function validatingWebhooks(surroundings: WebhookSurroundings): AdmissionPlugin {
  const kind = ValidatingWebhookConfiguration as unknown as Kind;
  return {
    name: "ValidatingAdmissionWebhook",
    takesConnections: true,
    admit: () => undefined,
    validate: whereThereAreWebhooks(kind, surroundings, askAll),
  };
}

async function askAll(
  webhooks: readonly ReadyWebhook[],
  request: AdmissionRequest,
  surroundings: WebhookSurroundings,
): Promise<void> {
  const outcomes = await Promise.allSettled(
    webhooks.map(async (ready, index) => {
      const kind = await concerns(ready, request, surroundings);
      const asked = { ...ready, index, round: 0, isMutating: false };
      if (kind !== undefined) await consult(asked, request, kind, surroundings);
    }),
  );
  const refusal = outcomes.find((one) => one.status === "rejected");
  if (refusal !== undefined) throw refusal.reason;
}
