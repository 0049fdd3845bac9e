/** The kinds of node.k8s.io: RuntimeClass. */
import type { Kind } from "../kind.ts";

export const nodeKinds: readonly Kind[] = [];
