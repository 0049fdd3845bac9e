/**
 * What a webhook of either configuration is: whom to ask, about what, and what follows where nobody answers.
 * Its defaults are here.
 *
 * In Kubernetes: staging/src/k8s.io/api/admissionregistration/v1/types.go,
 * pkg/apis/admissionregistration/v1/defaults.go
 */
import type {
  MutatingWebhook,
  RuleWithOperations as TypedRule,
} from "kubernetes-types/admissionregistration/v1.js";

/** `resources` and `scope` are missing from the types. */
export type Rule = TypedRule & { resources?: string[]; scope?: string };

/** Both sorts; a validating one is never asked again. */
export type Webhook = Omit<MutatingWebhook, "rules"> & { rules?: Rule[] };

export function setWebhookDefaults(webhook: Webhook, isMutating: boolean): void {
  webhook.failurePolicy ??= "Fail";
  webhook.matchPolicy ??= "Equivalent";
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  if (isMutating) webhook.reinvocationPolicy ??= "Never";
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
  setRuleDefaults(webhook.rules);
}

export function setRuleDefaults(rules: Rule[] = []): void {
  for (const rule of rules) rule.scope ??= "*";
}
