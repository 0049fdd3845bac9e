/**
 * Brings the number of pods to the number asked for.
 *
 * Pods are created in batches of 1, 2, 4, 8... (pod-control.ts). Surplus pods go in the order of
 * deletion-order.ts, all at once.
 *
 * In Kubernetes: pkg/controller/replicaset/replica_set.go (manageReplicas).
 */
import type { KubeObject } from "../api/kind.ts";
import { controllerRef } from "../api/owner.ts";
import type { Pod } from "../api/pod.ts";
import type { PodTemplate } from "../api/replication-controller.ts";
import type { Draft } from "../client/client.ts";
import type { SyncContext } from "../client/control-loop.ts";
import { inOrderOfDeletion } from "./deletion-order.ts";
import {
  createPod,
  deletePod,
  firstError,
  inSlowStart,
  isNamespaceTerminating,
} from "./pod-control.ts";

/** What has replicas: a ReplicationController, a ReplicaSet. */
export interface ReplicaOwner extends KubeObject {
  spec: { replicas?: number; minReadySeconds?: number; template: PodTemplate };
}

/** The most pods created or deleted in one sync. */
const BURST = 500;

/** `neighbours`: the pods that count as such when choosing which to delete. */
export async function scalePods(
  owner: ReplicaOwner,
  active: Pod[],
  context: SyncContext,
  neighbours: () => Pod[] = () => active,
): Promise<ScaleError | undefined> {
  const wanted = owner.spec.replicas ?? 1;
  const missing = Math.min(wanted - active.length, BURST);
  if (missing > 0) {
    const error = await inSlowStart(missing, () => createPod(owner, podFor(owner), context));
    return error && !isNamespaceTerminating(error)
      ? new ScaleError("FailedCreate", error)
      : undefined;
  }
  const surplus = Math.min(active.length - wanted, BURST);
  if (surplus === 0) return undefined;
  const going = inOrderOfDeletion(active, neighbours(), context.clock.now()).slice(0, surplus);
  const error = await firstError(going.map((pod) => deletePod(owner, pod, context)));
  return error && new ScaleError("FailedDelete", error);
}

/** Why the number of pods could not be brought to what was asked; the cause is what failed first. */
export class ScaleError extends Error {
  override readonly name = "ScaleError";
  readonly reason: "FailedCreate" | "FailedDelete";

  constructor(reason: "FailedCreate" | "FailedDelete", cause: Error) {
    super(cause.message, { cause });
    this.reason = reason;
  }
}

function podFor(owner: ReplicaOwner): Draft<Pod> {
  const { metadata: { labels, annotations, finalizers } = {}, spec } = owner.spec.template;
  return {
    metadata: {
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      generateName: `${owner.metadata.name}-`,
      ownerReferences: [controllerRef(owner)],
    },
    spec,
  };
}
