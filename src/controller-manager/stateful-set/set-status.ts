/**
 * What a stateful set says of itself: how many pods there are, how many are ready and available, and
 * how many are of the version it comes from and of the one it goes to. When all are of the new one, the
 * update is complete, and that is the current version from then on.
 *
 * In Kubernetes: computeReplicaStatus in pkg/controller/statefulset/stateful_set_control.go,
 * completeRollingUpdate in stateful_set_utils.go
 */
import type { StatefulSetStatus } from "kubernetes-types/apps/v1.js";
import type { StatefulSet } from "../../api/apps/stateful-set.ts";
import type { Pod } from "../../api/pod.ts";
import { revisionOf } from "./identity.ts";
import { isAvailable, isRunningAndReady, isTerminating } from "./pod-health.ts";

export interface StatusView {
  pods: Pod[];
  currentRevision: string;
  updateRevision: string;
  collisions: number;
  now: Date;
}

export function setStatus(set: StatefulSet, view: StatusView): StatefulSetStatus {
  const { pods, currentRevision, updateRevision, collisions, now } = view;
  const { minReadySeconds = 0 } = set.spec;
  const staying = pods.filter((pod) => !isTerminating(pod));
  const countOf = (name: string) => staying.filter((pod) => revisionOf(pod) === name).length;
  const replicas = pods.length;
  const readyReplicas = pods.filter(isRunningAndReady).length;
  const updatedReplicas = countOf(updateRevision);
  const isComplete =
    set.spec.updateStrategy?.type === "RollingUpdate" &&
    [replicas, readyReplicas, updatedReplicas].every((count) => count === set.spec.replicas);
  const current = isComplete ? updateRevision : currentRevision;
  const { conditions } = set.status ?? {};
  return {
    replicas,
    availableReplicas: pods.filter((pod) => isAvailable(pod, minReadySeconds, now)).length,
    ...unlessZero("readyReplicas", readyReplicas),
    ...unlessZero("currentReplicas", countOf(current)),
    ...unlessZero("updatedReplicas", updatedReplicas),
    currentRevision: current,
    updateRevision,
    collisionCount: collisions,
    ...unlessZero("observedGeneration", set.metadata.generation ?? 0),
    ...(conditions === undefined ? {} : { conditions }),
  };
}

function unlessZero<K extends string>(key: K, count: number): { [key in K]?: number } {
  return count === 0 ? {} : ({ [key]: count } as { [key in K]: number });
}
