/**
 * How controllers create and delete pods: with an event for each, whether it went well or not.
 *
 * Pods are created in batches of 1, 2, 4, 8...: where the first fails (a quota, a bad template) the
 * server is spared hundreds of others that would fail alike.
 *
 * In Kubernetes: pkg/controller/controller_utils.go (RealPodControl), slowStartBatch in
 * pkg/controller/replicaset/replica_set.go
 */
import { ApiError, isNotFound } from "../api/errors.ts";
import type { KubeObject } from "../api/kind.ts";
import { Pod } from "../api/pod.ts";
import type { Draft } from "../client/client.ts";
import type { SyncContext } from "../client/control-loop.ts";

/** Acts `count` times, and gives back what went wrong first, if anything did. */
export async function inSlowStart(
  count: number,
  act: (index: number) => Promise<void>,
): Promise<Error | undefined> {
  let done = 0;
  for (let batch = 1; done < count; batch = Math.min(2 * batch, count - done)) {
    const first = done;
    const error = await firstError(Array.from({ length: batch }, (_, index) => act(first + index)));
    if (error !== undefined) return error;
    done += batch;
  }
  return undefined;
}

export async function createPod(
  owner: KubeObject,
  pod: Draft<Pod>,
  { client, events }: SyncContext,
): Promise<void> {
  try {
    const { metadata } = await client.create(Pod, owner.metadata.namespace ?? "", pod);
    events.event(owner, "Normal", "SuccessfulCreate", `Created pod: ${metadata.name}`);
  } catch (error) {
    if (!isNamespaceTerminating(error)) {
      events.event(owner, "Warning", "FailedCreate", `Error creating: ${messageOf(error)}`);
    }
    throw error;
  }
}

export async function deletePod(
  owner: KubeObject,
  pod: Pod,
  { client, events }: SyncContext,
): Promise<void> {
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
export async function firstError(actions: Promise<void>[]): Promise<Error | undefined> {
  const results = await Promise.allSettled(actions);
  return results.find((result) => result.status === "rejected")?.reason as Error | undefined;
}

/** No pod can be made in a namespace that is going, and none has to be. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return (
    error.status.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") ?? false
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
