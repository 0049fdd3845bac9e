/**
 * Which pods belong to a controller: those it controls and selects. One it selects that has no
 * controller is adopted; one it controls but selects no longer is released. A Deployment claims its
 * ReplicaSets in the same way.
 *
 * Rule: before the first adoption the owner is read afresh, because a cache may still show an owner
 * that is being deleted, and adopting would save its orphans from nobody.
 *
 * In Kubernetes: pkg/controller/controller_ref_manager.go.
 */
import { partition } from "lodash-es";
import { hasReason, isNotFound } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { controllerRef } from "../api/owner.ts";
import { Pod } from "../api/pod.ts";
import { isPodActive } from "../api/pod-status.ts";
import type { SyncContext } from "../client/control-loop.ts";

export function claimPods<T extends KubeObject>(
  kind: Kind<T>,
  owner: T,
  isSelected: (pod: Pod) => boolean,
  context: SyncContext,
): Promise<Pod[]> {
  return claim(kind, owner, { kind: Pod, isSelected, isAlive: isPodActive }, context);
}

/** What an owner claims: objects of a kind. What is not alive is neither adopted nor released. */
export interface Claim<M extends KubeObject> {
  kind: Kind<M>;
  isSelected(member: M): boolean;
  isAlive(member: M): boolean;
  /** Comes and goes with the ownership: what holds the member until its owner has done with it. */
  finalizer?: string;
}

export async function claim<T extends KubeObject, M extends KubeObject>(
  kind: Kind<T>,
  owner: T,
  members: Claim<M>,
  context: SyncContext,
): Promise<M[]> {
  const { isSelected, isAlive } = members;
  const all = context.cached(members.kind);
  const isGoing = owner.metadata.deletionTimestamp !== undefined;
  const [claimed, strangers] = partition(all.by("owner", owner.metadata.uid ?? ""), isSelected);
  if (isGoing) return claimed;

  for (const member of strangers)
    if (isAlive(member)) await release(members, member, owner, context);

  const orphans = all.by("orphans", owner.metadata.namespace ?? "");
  const adoptable = orphans.filter((member) => isAlive(member) && isSelected(member));
  if (adoptable.length === 0) return claimed;
  await checkStillThere(kind, owner, context);
  for (const member of adoptable) {
    const adopted = await adopt(members, member, owner, context);
    if (adopted !== undefined) claimed.push(adopted);
  }
  return claimed;
}

async function checkStillThere<T extends KubeObject>(
  kind: Kind<T>,
  owner: T,
  { client }: SyncContext,
): Promise<void> {
  const { namespace = "", name, uid } = owner.metadata;
  const { metadata: fresh } = await client.get(kind, namespace, name);
  if (fresh.uid !== uid) {
    throw new AdoptionError(
      `original ${kind.kind} ${namespace}/${name} is gone: got uid ${fresh.uid}, wanted ${uid}`,
    );
  }
  if (fresh.deletionTimestamp !== undefined) {
    throw new AdoptionError(
      `${namespace}/${name} has just been deleted at ${fresh.deletionTimestamp}`,
    );
  }
}

/** The uid in the patch is a precondition: another of the same name is not taken for this one. */
async function adopt<M extends KubeObject>(
  { kind, finalizer }: Claim<M>,
  member: M,
  owner: KubeObject,
  { client }: SyncContext,
): Promise<M | undefined> {
  const { namespace = "", name, uid } = member.metadata;
  const finalizers = finalizer === undefined ? {} : { finalizers: [finalizer] };
  const patch = { metadata: { uid, ownerReferences: [controllerRef(owner)], ...finalizers } };
  try {
    return await client.patch(kind, namespace, name, patch);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function release<M extends KubeObject>(
  { kind, finalizer }: Claim<M>,
  member: M,
  owner: KubeObject,
  { client }: SyncContext,
): Promise<void> {
  const { namespace = "", name, uid } = member.metadata;
  const ownerReferences = [{ $patch: "delete", uid: owner.metadata.uid }];
  const finalizers =
    finalizer === undefined ? {} : { "$deleteFromPrimitiveList/finalizers": [finalizer] };
  try {
    await client.patch(kind, namespace, name, {
      metadata: { uid, ownerReferences, ...finalizers },
    });
  } catch (error) {
    // Invalid: it has no owners any more, or is another object by now. Both mean it is not ours.
    if (!isNotFound(error) && !hasReason(error, "Invalid")) throw error;
  }
}

/** Expected now and then, so it carries a code and is logged in a line (see component/log.ts). */
class AdoptionError extends Error {
  override readonly name = "AdoptionError";
  readonly code = "OWNER_GONE";
}
