/**
 * What is wrong with the webhooks of a configuration.
 *
 * In Kubernetes: pkg/apis/admissionregistration/validation/validation.go
 */
import { validateLabelSelector } from "../affinity-validation.ts";
import { reviewErrors, serviceErrors, urlErrors } from "../apiextensions/conversion-validation.ts";
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from "../field-error.ts";
import { dns1123SubdomainErrors } from "../names.ts";
import { validateMatchConditions } from "./condition-validation.ts";
import { validateRule } from "./rule-validation.ts";
import type { Webhook } from "./webhook.ts";

const REVIEW_VERSIONS = "must specify one of v1, v1beta1";
export const FAILURE_POLICIES = ["Fail", "Ignore"];
export const MATCH_POLICIES = ["Equivalent", "Exact"];
const SIDE_EFFECTS = ["None", "NoneOnDryRun"];
const REINVOCATIONS = ["IfNeeded", "Never"];

export function validateWebhooks(webhooks: Webhook[], isMutating: boolean): FieldError[] {
  const names = new Set<string>();
  return webhooks.flatMap((webhook, i) => {
    const path = `webhooks[${i}]`;
    const errors = webhookErrors(webhook, path, isMutating);
    const { admissionReviewVersions = [], name = "" } = webhook;
    errors.push(
      ...reviewErrors(admissionReviewVersions, `${path}.admissionReviewVersions`, REVIEW_VERSIONS),
    );
    if (name !== "" && names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    return errors;
  });
}

function webhookErrors(webhook: Webhook, path: string, isMutating: boolean): FieldError[] {
  const { rules = [], timeoutSeconds, reinvocationPolicy } = webhook;
  const errors = [
    ...nameErrors(webhook.name ?? "", `${path}.name`),
    ...rules.flatMap((rule, i) => validateRule(rule, `${path}.rules[${i}]`)),
    ...oneOf(webhook.failurePolicy, FAILURE_POLICIES, `${path}.failurePolicy`),
    ...oneOf(webhook.matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`),
    ...sideEffectErrors(webhook.sideEffects, `${path}.sideEffects`),
  ];
  if (timeoutSeconds !== undefined && (timeoutSeconds > 30 || timeoutSeconds < 1)) {
    const why = "the timeout value must be between 1 and 30 seconds";
    errors.push(invalidValue(`${path}.timeoutSeconds`, timeoutSeconds, why));
  }
  const reinvocation = isMutating ? reinvocationPolicy : undefined;
  return [
    ...errors,
    ...validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`),
    ...oneOf(reinvocation, REINVOCATIONS, `${path}.reinvocationPolicy`),
    ...clientErrors(webhook.clientConfig, `${path}.clientConfig`),
    ...validateMatchConditions(webhook.matchConditions, `${path}.matchConditions`),
  ];
}

function nameErrors(name: string, path: string): FieldError[] {
  if (name === "") return [required(path)];
  const wrong = dns1123SubdomainErrors(name);
  if (wrong.length > 0) return [invalidValue(path, name, wrong.join(","))];
  if (name.split(".").length >= 3) return [];
  const why = "should be a domain with at least three segments separated by dots";
  return [invalidValue(path, name, why)];
}

function sideEffectErrors(sideEffects: string | undefined, path: string): FieldError[] {
  if (sideEffects !== undefined) return oneOf(sideEffects, SIDE_EFFECTS, path);
  return [required(path, `must specify one of ${SIDE_EFFECTS.join(", ")}`)];
}

function clientErrors(config: Webhook["clientConfig"] | undefined, path: string): FieldError[] {
  const { url, service } = config ?? {};
  if ((url === undefined) === (service === undefined)) {
    return [required(path, "exactly one of url or service is required")];
  }
  return url === undefined
    ? serviceErrors(service!, `${path}.service`)
    : urlErrors(url, `${path}.url`);
}

export function oneOf(value: string | undefined, supported: string[], path: string): FieldError[] {
  if (value === undefined || supported.includes(value)) return [];
  return [notSupported(path, value, supported)];
}
