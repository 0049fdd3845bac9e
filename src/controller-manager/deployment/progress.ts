/**
 * Whether an update progresses. It does as long as pods are added, become available or go; it has
 * arrived when all are new and enough are available; and it has failed when for its deadline nothing
 * has moved. That stops nothing: it is only said, for people and for `kubectl rollout status`.
 *
 * In Kubernetes: pkg/controller/deployment/progress.go
 */
import type { DeploymentStatus } from "kubernetes-types/apps/v1.js";
import type { Again } from "../../client/control-loop.ts";
import { conditionOf, withCondition, without, withSignOfLife, withTaken } from "./conditions.ts";
import { deadlineOf, type Rollout } from "./rollout.ts";
import { statusOf } from "./status.ts";
import { allOf } from "./versions.ts";

const ARRIVED = "NewReplicaSetAvailable";
const LATE = "ProgressDeadlineExceeded";
/** Times in a status are whole seconds: one later it is certain. */
const SKEW_MS = 1_000;

/** The status during an update. */
export function statusInProgress(rollout: Rollout, now: Date): DeploymentStatus {
  const status = statusOf(rollout, now);
  const conditions = progressed(rollout, status, now);
  const failure = failureOf(rollout);
  if (failure === undefined)
    return { ...status, conditions: without(conditions, "ReplicaFailure") };
  return { ...status, conditions: withTaken(conditions, failure) };
}

function progressed(rollout: Rollout, status: DeploymentStatus, now: Date) {
  const { conditions = [] } = status;
  if (deadlineOf(rollout) === undefined) return without(conditions, "Progressing");
  const current = conditionOf(conditions, "Progressing");
  const isOver = (status.replicas ?? 0) === (status.updatedReplicas ?? 0);
  if (isOver && current?.reason === ARRIVED) return conditions;
  if (isComplete(rollout, status)) {
    return withCondition(
      conditions,
      verdict(rollout, "True", ARRIVED, "has successfully progressed."),
      now,
    );
  }
  if (hasMoved(rollout.deployment.status ?? {}, status)) {
    const moves = verdict(rollout, "True", "ReplicaSetUpdated", "is progressing.");
    return withSignOfLife(conditions, moves, now);
  }
  if (!isLate(rollout, status, now)) return conditions;
  return withCondition(
    conditions,
    verdict(rollout, "False", LATE, "has timed out progressing."),
    now,
  );
}

function verdict({ deployment, versions }: Rollout, status: string, reason: string, what: string) {
  const { new: newOne } = versions;
  const who = newOne
    ? `ReplicaSet ${JSON.stringify(newOne.metadata.name)}`
    : `Deployment ${JSON.stringify(deployment.metadata.name)}`;
  return { type: "Progressing", status, reason, message: `${who} ${what}` };
}

/** All pods are new ones, as many as asked for, and all are available. */
export function isComplete({ deployment, limits }: Rollout, status: DeploymentStatus): boolean {
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status;
  return (
    updatedReplicas === limits.desired &&
    replicas === limits.desired &&
    availableReplicas === limits.desired &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function hasMoved(old: DeploymentStatus, now: DeploymentStatus): boolean {
  const oldPods = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) =>
    replicas - updatedReplicas;
  return (
    (now.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    oldPods(now) < oldPods(old) ||
    (now.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

function isLate(rollout: Rollout, { conditions = [] }: DeploymentStatus, now: Date): boolean {
  const current = conditionOf(conditions, "Progressing");
  if (current === undefined) return false;
  if (current.reason === LATE) return true;
  // A deployment that has arrived and lost pods since is not late: nobody asked for anything new.
  if (current.reason === ARRIVED) return false;
  return untilLate(rollout, current.lastUpdateTime, now) < 0;
}

/** When to look again, though nothing happens: that nothing happens is what would be told. */
export function whenLate(rollout: Rollout, status: DeploymentStatus, now: Date): Again | undefined {
  const current = conditionOf(status.conditions ?? [], "Progressing");
  if (deadlineOf(rollout) === undefined || current === undefined) return undefined;
  if (isComplete(rollout, status) || current.reason === LATE || current.reason === ARRIVED)
    return undefined;
  const leftMs = untilLate(rollout, current.lastUpdateTime, now);
  return { againInMs: Math.max(0, leftMs) + SKEW_MS };
}

function untilLate(rollout: Rollout, lastUpdateTime: string | undefined, now: Date): number {
  const deadlineMs = (deadlineOf(rollout) ?? 0) * 1000;
  return Date.parse(lastUpdateTime ?? "") + deadlineMs - now.getTime();
}

/** Why pods could not be made, as the ReplicaSets tell it; the new one's word goes before the others'. */
function failureOf({ versions }: Rollout) {
  const inOrder = versions.new ? [versions.new, ...versions.old] : allOf(versions);
  const all = inOrder.flatMap(({ status }) => status?.conditions ?? []);
  const failure = all.find(({ type }) => type === "ReplicaFailure");
  const { lastTransitionTime } = failure ?? {};
  return (
    failure && { ...failure, ...(lastTransitionTime && { lastUpdateTime: lastTransitionTime }) }
  );
}
