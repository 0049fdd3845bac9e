/** The kinds of scheduling.k8s.io: PriorityClass. */
import type { Kind } from "../kind.ts";

export const schedulingKinds: readonly Kind[] = [];
