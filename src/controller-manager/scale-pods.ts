/**
 * Brings the number of pods to the number asked for.
 *
 * Pods are created in batches of 1, 2, 4, 8...: where the first fails (a quota, a bad template) the
 * server is spared hundreds of others that would fail alike. Surplus pods go in the order of
 * deletion-order.ts, all at once.
 *
 * In Kubernetes: pkg/controller/replicaset/replica_set.go (manageReplicas, slowStartBatch),
 * pkg/controller/controller_utils.go (RealPodControl).
 */
import { ApiError, isNotFound } from "../api/errors.ts";
import type { KubeObject } from "../api/kind.ts";
import { controllerRef } from "../api/owner.ts";
import { Pod } from "../api/pod.ts";
import type { PodTemplate } from "../api/replication-controller.ts";
import type { Draft } from "../client/client.ts";
import type { SyncContext } from "../client/control-loop.ts";
import { inOrderOfDeletion } from "./deletion-order.ts";

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
    const error = await inSlowStart(missing, () => createPod(owner, context));
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

async function inSlowStart(count: number, act: () => Promise<void>): Promise<Error | undefined> {
  let remaining = count;
  for (let batch = 1; remaining > 0; batch = Math.min(2 * batch, remaining)) {
    const error = await firstError(Array.from({ length: batch }, act));
    if (error !== undefined) return error;
    remaining -= batch;
    if (remaining === 0) break;
  }
  return undefined;
}

async function createPod(owner: ReplicaOwner, { client, events }: SyncContext): Promise<void> {
  try {
    const pod = await client.create(Pod, owner.metadata.namespace ?? "", podFor(owner));
    events.event(owner, "Normal", "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
  } catch (error) {
    if (!isNamespaceTerminating(error)) {
      events.event(owner, "Warning", "FailedCreate", `Error creating: ${messageOf(error)}`);
    }
    throw error;
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

async function deletePod(owner: KubeObject, pod: Pod, { client, events }: SyncContext) {
  const { namespace = "", name } = pod.metadata;
  try {
    await client.delete(Pod, namespace, name);
    events.event(owner, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
  } catch (error) {
    if (isNotFound(error)) return;
    events.event(owner, "Warning", "FailedDelete", `Error deleting: ${messageOf(error)}`);
    throw error;
  }
}

/** Waits for all, then gives the first failure: they are likely to be the same. */
async function firstError(actions: Promise<void>[]): Promise<Error | undefined> {
  const results = await Promise.allSettled(actions);
  return results.find((result) => result.status === "rejected")?.reason as Error | undefined;
}

/** No pod can be made in a namespace that is going, and none has to be. */
function isNamespaceTerminating(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return (
    error.status.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") ?? false
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
