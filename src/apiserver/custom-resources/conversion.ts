/**
 * From version to version: by writing the other version's name on the object, or by asking a webhook.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/conversion/{converter,nop_converter}.go
 */
import type { Convert } from "../../api/apiextensions/custom-kind.ts";
import type { CustomResourceDefinition } from "../../api/apiextensions/custom-resource-definition.ts";
import { webhookConversion } from "./conversion-webhook.ts";
import type { WebhookDialer } from "./webhook-call.ts";

export function conversionOf(definition: CustomResourceDefinition, dialer: WebhookDialer): Convert {
  const { conversion } = definition.spec;
  const { clientConfig } = conversion?.webhook ?? {};
  if (conversion?.strategy !== "Webhook" || clientConfig === undefined) return renamed;
  return webhookConversion(conversion.webhook!, definition, dialer);
}

const renamed: Convert = (objects, apiVersion) => {
  for (const object of objects) object.apiVersion = apiVersion;
  return objects;
};
