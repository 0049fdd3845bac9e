/** The kinds of apiregistration.k8s.io: APIService. */
import type { Kind } from "../kind.ts";

export const apiregistrationKinds: readonly Kind[] = [];
