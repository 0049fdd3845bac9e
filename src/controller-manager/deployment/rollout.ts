/**
 * One look at a deployment: what there is of it, and what will be said of it at the end of the look.
 *
 * Its status is written once, when all is done: with the counts of then, and with the conditions that
 * gathered on the way.
 *
 * In Kubernetes: the arguments of the functions in pkg/controller/deployment; differs: there the
 * status is written several times in one look.
 */
import type { DeploymentCondition } from "kubernetes-types/apps/v1.js";
import type { Deployment } from "../../api/apps/deployment.ts";
import { type Limits, limited, limitsOf } from "./limits.ts";
import type { Versions } from "./versions.ts";

export interface Rollout {
  /** As the cache has it. */
  readonly deployment: Deployment;
  readonly limits: Limits;
  readonly versions: Versions;
  /** What its status will say. */
  conditions: DeploymentCondition[];
  collisionCount: number | undefined;
  /** The revision it will be noted with. */
  revision: string | undefined;
}

export function beginRollout(deployment: Deployment, versions: Versions): Rollout {
  return {
    deployment,
    limits: limitsOf(deployment),
    versions,
    conditions: [...(deployment.status?.conditions ?? [])],
    collisionCount: deployment.status?.collisionCount,
    revision: undefined,
  };
}

/** After so many seconds without progress an update has failed; undefined: it may take for ever. */
export function deadlineOf({ deployment }: Rollout): number | undefined {
  return limited(deployment.spec.progressDeadlineSeconds);
}

export function isRolling({ deployment }: Rollout): boolean {
  return deployment.spec.strategy?.type === "RollingUpdate";
}
