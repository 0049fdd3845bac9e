/**
 * The two kinds of webhook configurations: whom to ask before something is written, so that it may be
 * changed (mutating) or refused (validating).
 *
 * In Kubernetes: pkg/registry/admissionregistration/{mutating,validating}webhookconfiguration/strategy.go
 */
import { ageColumn, nameColumn } from "../columns.ts";
import { type Column, defineKind, type KindDeclaration, type KubeObject } from "../kind.ts";
import { nameIsDns1123Subdomain } from "../names.ts";
import { loadExpressions } from "./expressions.ts";
import { setWebhookDefaults, type Webhook } from "./webhook.ts";
import { validateWebhooks } from "./webhook-validation.ts";

export interface WebhookConfiguration extends KubeObject {
  webhooks?: Webhook[];
}

export type MutatingWebhookConfiguration = WebhookConfiguration;
export type ValidatingWebhookConfiguration = WebhookConfiguration;

const columns: Column<WebhookConfiguration>[] = [
  nameColumn,
  {
    name: "Webhooks",
    type: "integer",
    description: "Webhooks indicates the number of webhooks registered in this configuration",
    value: ({ webhooks = [] }) => webhooks.length,
  },
  ageColumn,
];

const example: Webhook[] = [
  {
    name: "hook.example.com",
    admissionReviewVersions: ["v1"],
    clientConfig: { url: "https://hook.example.com/" },
    sideEffects: "None",
  },
];

function configuration(word: "Mutating" | "Validating"): KindDeclaration<WebhookConfiguration> {
  const isMutating = word === "Mutating";
  const kind = `${word}WebhookConfiguration`;
  const apiVersion = "admissionregistration.k8s.io/v1";
  return {
    group: "admissionregistration.k8s.io",
    version: "v1",
    kind,
    plural: `${kind.toLowerCase()}s`,
    categories: ["api-extensions"],
    namespaced: false,
    storagePrefix: `${kind.toLowerCase()}s`,
    schema: `io.k8s.api.admissionregistration.v1.${kind}`,
    needsResourceVersion: true,
    columns,
    validateName: nameIsDns1123Subdomain,
    prepare: loadExpressions,
    setDefaults({ webhooks = [] }) {
      for (const webhook of webhooks) setWebhookDefaults(webhook, isMutating);
    },
    prepareForCreate({ metadata }) {
      (metadata as { generation?: number }).generation = 1;
    },
    prepareForUpdate(now, old) {
      const isSame = JSON.stringify(now.webhooks) === JSON.stringify(old.webhooks);
      const before = old.metadata.generation ?? 0;
      (now.metadata as { generation?: number }).generation = isSame ? before : before + 1;
    },
    validate: ({ webhooks = [] }) => validateWebhooks(webhooks, isMutating),
    example: { apiVersion, kind, metadata: { name: "example" }, webhooks: example },
  };
}

export const MutatingWebhookConfiguration = defineKind(configuration("Mutating"));
export const ValidatingWebhookConfiguration = defineKind(configuration("Validating"));
