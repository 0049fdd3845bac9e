/** The kinds of apps: workloads: Deployment, ReplicaSet, StatefulSet, DaemonSet, ControllerRevision. */
import type { Kind } from "../kind.ts";
import { ControllerRevision } from "./controller-revision.ts";
import { DaemonSet } from "./daemon-set.ts";
import { Deployment } from "./deployment.ts";
import { ReplicaSet } from "./replica-set.ts";
import { StatefulSet } from "./stateful-set.ts";

export const appsKinds: readonly Kind[] = [
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
];
