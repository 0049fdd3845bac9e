/** The kinds of policy: PodDisruptionBudget. An Eviction is no kind of its own but a request about a pod. */
import type { Kind } from "../kind.ts";
import { PodDisruptionBudget } from "./pod-disruption-budget.ts";

export const policyKinds: readonly Kind[] = [PodDisruptionBudget];
