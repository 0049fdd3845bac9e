/** The kinds of admissionregistration.k8s.io: who is asked before something is written. */
import type { Kind } from "../kind.ts";
import {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "./validating-admission-policy.ts";
import {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from "./webhook-configuration.ts";

export const admissionregistrationKinds: readonly Kind[] = [
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
] as unknown as Kind[];
