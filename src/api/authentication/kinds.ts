/** The kinds of authentication.k8s.io: reviews that say who somebody is. */
import type { Kind } from "../kind.ts";

export const authenticationKinds: readonly Kind[] = [];
