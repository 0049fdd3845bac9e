/** The kinds of apps: workloads: Deployment, ReplicaSet, StatefulSet, DaemonSet, ControllerRevision. */
import type { Kind } from "../kind.ts";
import { Deployment } from "./deployment.ts";
import { ReplicaSet } from "./replica-set.ts";

export const appsKinds: readonly Kind[] = [Deployment, ReplicaSet];
