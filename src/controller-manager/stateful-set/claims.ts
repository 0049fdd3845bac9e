/**
 * The claims of a stateful set's pods: made before the pod, kept after it, and owned by whoever is to
 * take them along: by the set, if they are to go with it, or by a pod that is scaled away, if with that.
 *
 * In Kubernetes: pkg/controller/statefulset/stateful_pod_control.go (createPersistentVolumeClaims),
 * claimOwnerMatchesSetAndPod in stateful_set_utils.go
 */
import type { OwnerReference } from "kubernetes-types/meta/v1.js";
import type { StatefulSet } from "../../api/apps/stateful-set.ts";
import { isAlreadyExists } from "../../api/errors.ts";
import type { KubeObject } from "../../api/kind.ts";
import { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import type { Pod } from "../../api/pod.ts";
import type { SyncContext } from "../../client/control-loop.ts";
import { messageOf } from "../pod-control.ts";
import { claimNames, claimsFor, isInRange, podNameOf } from "./identity.ts";

/** Makes those that are missing. Throws where one could not be made or is being deleted. */
export async function createClaims(
  set: StatefulSet,
  ordinal: number,
  { client, cached, events }: SyncContext,
): Promise<void> {
  const { namespace = "", name: setName } = set.metadata;
  for (const claim of claimsFor(set, ordinal)) {
    const { name } = claim.metadata;
    const there = cached(PersistentVolumeClaim).get(namespace, name!);
    if (there?.metadata.deletionTimestamp !== undefined) throw new ClaimGoingError(name!);
    if (there !== undefined) continue;
    const about = `Claim ${name} Pod ${podNameOf(set, ordinal)} in StatefulSet ${setName}`;
    try {
      await client.create(PersistentVolumeClaim, namespace, claim);
      events.event(set, "Normal", "SuccessfulCreate", `create ${about} success`);
    } catch (error) {
      if (isAlreadyExists(error)) continue;
      const what = `create ${about.replace(" Pod ", " for Pod ")} failed error: ${messageOf(error)}`;
      events.event(set, "Warning", "FailedCreate", what);
      throw error;
    }
  }
}

/** Puts the owners of a pod's claims right, where the policy has changed or the set been scaled. */
export async function applyRetention(
  set: StatefulSet,
  ordinal: number,
  pod: Pod | undefined,
  { client, cached }: SyncContext,
): Promise<void> {
  const { namespace = "" } = set.metadata;
  for (const [, name] of claimNames(set, ordinal)) {
    const claim = cached(PersistentVolumeClaim).get(namespace, name);
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) continue;
    const owners = ownersOf(claim, set, ordinal, pod);
    if (owners === undefined) continue;
    await client.update(PersistentVolumeClaim, withOwners(claim, owners));
  }
}

/** Whether a claim would go with a pod that is no longer: then that pod's successor must wait. */
export function hasStaleClaim(set: StatefulSet, ordinal: number, { cached }: SyncContext): boolean {
  const { namespace = "" } = set.metadata;
  if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== "Delete") return false;
  return claimNames(set, ordinal).some(([, name]) => {
    const claim = cached(PersistentVolumeClaim).get(namespace, name);
    const owner = claim?.metadata.ownerReferences?.find(({ kind }) => kind === "Pod");
    return owner?.name === podNameOf(set, ordinal);
  });
}

/** The owners a claim should have; undefined where it has them. */
function ownersOf(
  claim: PersistentVolumeClaim,
  set: StatefulSet,
  ordinal: number,
  pod: Pod | undefined,
): OwnerReference[] | undefined {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const isScaledAway = !isInRange(set, ordinal);
  const goesWithPod = whenScaled === "Delete" && isScaledAway && pod !== undefined;
  const goesWithSet = whenDeleted === "Delete" && !(whenScaled === "Delete" && isScaledAway);
  const now = claim.metadata.ownerReferences ?? [];
  const isOurs = (owner: OwnerReference) =>
    owner.uid === set.metadata.uid ||
    (owner.kind === "Pod" && owner.name === podNameOf(set, ordinal));
  const wanted = [...(goesWithSet ? [set] : []), ...(goesWithPod ? [pod] : [])];
  const hasAll = wanted.every(({ metadata }) => now.some(({ uid }) => uid === metadata.uid));
  const hasNoMore = now.filter(isOurs).length === wanted.length;
  return hasAll && hasNoMore
    ? undefined
    : [...now.filter((one) => !isOurs(one)), ...wanted.map(refTo)];
}

function refTo({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "" };
}

function withOwners(claim: PersistentVolumeClaim, owners: OwnerReference[]): PersistentVolumeClaim {
  const { ownerReferences: _, ...metadata } = claim.metadata;
  return {
    ...claim,
    metadata: owners.length === 0 ? metadata : { ...metadata, ownerReferences: owners },
  };
}

/** Expected now and then, so it carries a code and is logged in a line (see component/log.ts). */
class ClaimGoingError extends Error {
  override readonly name = "ClaimGoingError";
  readonly code = "CLAIM_GOING";

  constructor(claim: string) {
    super(`pvc ${claim} is being deleted`);
  }
}
