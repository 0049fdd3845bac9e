/** The kinds of discovery.k8s.io: EndpointSlice. */
import type { Kind } from "../kind.ts";

export const discoveryKinds: readonly Kind[] = [];
