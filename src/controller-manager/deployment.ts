/**
 * The deployment controller: brings the pods of a deployment from one version of its template to the
 * next, without ever touching a pod. It only makes ReplicaSets and gives them their sizes:
 *
 *   a change of scale, or paused   every version gets its share   deployment/proportional.ts
 *   RollingUpdate                  new grows as old shrinks       deployment/rolling.ts
 *   Recreate                       old goes, then new comes       deployment/recreate.ts
 *
 * Each look takes one step. What it has written wakes it again, and so do the ReplicaSets when they
 * have followed; so the steps are as small as the limits ask, and nothing has to be remembered.
 *
 * In Kubernetes: pkg/controller/deployment/deployment_controller.go. Differs: no rollback by
 * annotation, for kubectl has gone back on its own since 1.16.
 */
import { Deployment } from "../api/apps/deployment.ts";
import { ReplicaSet } from "../api/apps/replica-set.ts";
import { labelMatcher } from "../api/labels.ts";
import { controllerOf } from "../api/owner.ts";
import { Pod } from "../api/pod.ts";
import type { Again, Controller, SyncContext } from "../client/control-loop.ts";
import { keyOf } from "../client/object-cache.ts";
import { forgetOldVersions } from "./deployment/cleanup.ts";
import { conditionOf, withCondition } from "./deployment/conditions.ts";
import { noteNewReplicaSet } from "./deployment/new-replica-set.ts";
import { isComplete, statusInProgress, whenLate } from "./deployment/progress.ts";
import { isScaled, scaleVersions } from "./deployment/proportional.ts";
import { recreate } from "./deployment/recreate.ts";
import { rollOut } from "./deployment/rolling.ts";
import { beginRollout, deadlineOf, isRolling, type Rollout } from "./deployment/rollout.ts";
import { saveStatus, statusOf } from "./deployment/status.ts";
import { versionsOf } from "./deployment/versions.ts";

export const deploymentController: Controller<Deployment> = {
  name: "deployment-controller",
  watches: Deployment,
  owns: [ReplicaSet],
  follows: [
    { kind: ReplicaSet, keysOf: (obj, _old, context) => adoptersOf(obj as ReplicaSet, context) },
    { kind: Pod, keysOf: (obj, _old, context) => waitingFor(obj as Pod, context) },
  ],

  async sync(deployment, _key, context) {
    if (deployment === undefined) return; // Its ReplicaSets are the garbage collector's.
    const rollout = beginRollout(deployment, await versionsOf(deployment, context));
    if (deployment.metadata.deletionTimestamp !== undefined) return countOnly(rollout, context);

    await noteNewReplicaSet(rollout, context);
    notePause(rollout, context);
    if (deployment.spec.paused || isScaled(rollout)) {
      await scaleVersions(rollout, context);
      await forgetOldVersions(rollout, context);
      return countOnly(rollout, context);
    }
    return move(rollout, context);
  },
};

/** One step of an update. */
async function move(rollout: Rollout, context: SyncContext): Promise<Again | undefined> {
  if (isRolling(rollout)) await rollOut(rollout, context);
  else await recreate(rollout, context);
  if (isComplete(rollout, rollout.deployment.status ?? {})) {
    await forgetOldVersions(rollout, context);
  }
  const now = context.clock.now();
  const status = statusInProgress(rollout, now);
  await saveStatus(rollout, status, context);
  return whenLate(rollout, status, now);
}

async function countOnly(rollout: Rollout, context: SyncContext): Promise<void> {
  await saveStatus(rollout, statusOf(rollout, context.clock.now()), context);
}

/** A pause is noted, and so is its end: the time it took is none in which progress was due. */
function notePause(rollout: Rollout, { clock }: SyncContext): void {
  if (deadlineOf(rollout) === undefined) return;
  const { paused = false } = rollout.deployment.spec;
  const { reason } = conditionOf(rollout.conditions, "Progressing") ?? {};
  if (reason === "ProgressDeadlineExceeded") return;
  if (paused === (reason === "DeploymentPaused")) return;
  const verdict = paused
    ? { reason: "DeploymentPaused", message: "Deployment is paused" }
    : { reason: "DeploymentResumed", message: "Deployment is resumed" };
  const condition = { type: "Progressing", status: "Unknown", ...verdict };
  rollout.conditions = withCondition(rollout.conditions, condition, clock.now());
}

/** The deployments that may want a ReplicaSet that has no controller. */
function adoptersOf(replicaSet: ReplicaSet, { cached }: SyncContext): string[] {
  const { namespace, labels } = replicaSet.metadata;
  if (controllerOf(replicaSet) !== undefined) return [];
  return cached(Deployment)
    .list(namespace)
    .filter(({ spec }) => labelMatcher(spec.selector)(labels))
    .map(({ metadata }) => keyOf(metadata));
}

/** The deployment that can't go on before this pod has ended. */
function waitingFor(pod: Pod, { cached }: SyncContext): string[] {
  const { namespace } = pod.metadata;
  const replicaSet = cached(ReplicaSet).get(namespace, controllerOf(pod)?.name ?? "");
  const deployment =
    replicaSet && cached(Deployment).get(namespace, controllerOf(replicaSet)?.name ?? "");
  return deployment?.spec.strategy?.type === "Recreate" ? [keyOf(deployment.metadata)] : [];
}
