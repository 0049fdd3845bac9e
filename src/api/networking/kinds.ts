/** The kinds of networking.k8s.io: Ingress, IngressClass and NetworkPolicy. */
import type { Kind } from "../kind.ts";

export const networkingKinds: readonly Kind[] = [];
