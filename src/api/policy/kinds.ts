/** The kinds of policy: PodDisruptionBudget and Eviction. */
import type { Kind } from "../kind.ts";

export const policyKinds: readonly Kind[] = [];
