/** The kinds of admissionregistration.k8s.io: webhooks and policies of admission. */
import type { Kind } from "../kind.ts";

export const admissionregistrationKinds: readonly Kind[] = [];
