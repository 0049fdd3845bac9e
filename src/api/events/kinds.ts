/** The kinds of events.k8s.io: the events of the core group, in their newer shape. */
import type { Kind } from "../kind.ts";
import type { OtherVersion } from "../served-versions.ts";
import { EventInV1, EventInV1beta1 } from "./event.ts";

/** None is stored under this group. */
export const eventsKinds: readonly Kind[] = [];

export const eventShapes: readonly OtherVersion[] = [EventInV1, EventInV1beta1];
