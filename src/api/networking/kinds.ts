/** The kinds of networking.k8s.io: Ingress, IngressClass and NetworkPolicy. */
import type { Kind } from "../kind.ts";
import { Ingress } from "./ingress.ts";
import { IngressClass } from "./ingress-class.ts";
import { NetworkPolicy } from "./network-policy.ts";

export const networkingKinds: readonly Kind[] = [Ingress, IngressClass, NetworkPolicy];
