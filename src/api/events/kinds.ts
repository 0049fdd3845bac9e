/** The kinds of events.k8s.io: the events of the core group, in their newer shape. */
import type { Kind } from "../kind.ts";

export const eventsKinds: readonly Kind[] = [];
