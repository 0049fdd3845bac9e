/** The kinds of node.k8s.io: RuntimeClass. */
import type { Kind } from "../kind.ts";
import { RuntimeClass } from "./runtime-class.ts";

export const nodeKinds: readonly Kind[] = [RuntimeClass];
