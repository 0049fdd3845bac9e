/** The kinds of discovery.k8s.io: EndpointSlice. */
import type { Kind } from "../kind.ts";
import { EndpointSlice } from "./endpoint-slice.ts";

export const discoveryKinds: readonly Kind[] = [EndpointSlice];
