/** The kinds of apps: workloads: Deployment, ReplicaSet, StatefulSet, DaemonSet, ControllerRevision. */
import type { Kind } from "../kind.ts";

export const appsKinds: readonly Kind[] = [];
