/** The kinds of flowcontrol.apiserver.k8s.io: whose requests are answered first, and how many of whom at a time. */
import type { Kind } from "../kind.ts";
import { FlowSchema } from "./flow-schema.ts";
import { PriorityLevelConfiguration } from "./priority-level-configuration.ts";

export const flowcontrolKinds: readonly Kind[] = [FlowSchema, PriorityLevelConfiguration];
