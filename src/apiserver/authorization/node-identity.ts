/**
 * Whether a user is a node, and which: of the group system:nodes, and called system:node:<name>.
 *
 * In Kubernetes: pkg/auth/nodeidentifier/default.go
 */
import type { User } from "../authenticate.ts";

const PREFIX = "system:node:";

/** The node's name, "" where it cannot be told; undefined: not a node. */
export function nodeNameOf({ name, groups }: User): string | undefined {
  if (!groups.includes("system:nodes") || !name.startsWith(PREFIX)) return undefined;
  return name.slice(PREFIX.length);
}
