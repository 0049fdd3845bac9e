/** The kinds of authorization.k8s.io: reviews that say what somebody may. */
import type { Kind } from "../kind.ts";

export const authorizationKinds: readonly Kind[] = [];
