/** The kinds of scheduling.k8s.io: PriorityClass. */
import type { Kind } from "../kind.ts";
import { PriorityClass } from "./priority-class.ts";

export const schedulingKinds: readonly Kind[] = [PriorityClass];
