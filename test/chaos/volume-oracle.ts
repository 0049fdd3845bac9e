/**
 * What must hold of claims and volumes at rest: each claim that can have a volume has one, each volume one
 * claim, both know it, and what should go with its claim has gone.
 */

import type { PersistentVolume } from "../../src/api/persistent-volume.ts";
import type { PersistentVolumeClaim } from "../../src/api/persistent-volume-claim.ts";
import type { Pod } from "../../src/api/pod.ts";
import { claimNamesOf } from "../../src/api/pod-claims.ts";
import { hasEnded } from "../../src/api/pod-status.ts";
import { parseQuantity } from "../../src/api/quantity.ts";
import { PROVISIONED_BY } from "../../src/controller-manager/persistent-volume/provision.ts";
import { differing } from "./oracle.ts";
import { naming, podsOf, type View } from "./view.ts";
import { BY_HAND } from "./volume-wishes.ts";

export function volumeComplaints(view: View): string[] {
  return [
    ...view.claims.flatMap((claim) => badClaim(view, claim)),
    ...view.volumes.flatMap((volume) => badVolume(view, volume)),
    ...view.statefulSets.flatMap((set) => withoutClaims(view, set)),
  ];
}

/** Whether a pod waits for a claim that it cannot have: there is none, it is going, or has no volume. */
export function waitsForClaim({ claims }: View, pod: Pod): boolean {
  return claimNamesOf(pod).some((name) => {
    const { namespace } = pod.metadata;
    const claim = claims.find(
      ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
    );
    return claim?.metadata.deletionTimestamp !== undefined || claim?.status?.phase !== "Bound";
  });
}

/** What is being deleted stays as long as somebody needs it. */
export function isHeld(view: View, { kind, metadata }: { kind: string } & PersistentVolume) {
  if (kind === "PersistentVolumeClaim") {
    const claim = view.claims.find(({ metadata: { uid } }) => uid === metadata.uid);
    return claim !== undefined && usersOf(view, claim).length > 0;
  }
  const volume = view.volumes.find(({ metadata: { uid } }) => uid === metadata.uid);
  return volume?.status?.phase === "Bound";
}

function usersOf({ pods }: View, { metadata }: PersistentVolumeClaim): Pod[] {
  return pods.filter(
    (pod) =>
      pod.metadata.namespace === metadata.namespace &&
      pod.spec.nodeName !== undefined &&
      !hasEnded(pod) &&
      claimNamesOf(pod).includes(metadata.name),
  );
}

function badClaim(view: View, claim: PersistentVolumeClaim): string[] {
  const { volumes } = view;
  const { status, spec } = claim;
  const name = naming(claim);
  const own = volumes.filter((volume) => volume.spec.claimRef?.uid === claim.metadata.uid);
  const named = volumes.find(({ metadata }) => metadata.name === spec.volumeName);
  switch (status?.phase) {
    case "Bound":
      return [
        ...differing(`${name} has the volumes`, own.map(nameOf), [spec.volumeName]),
        ...differing(
          `${name} tells of a size`,
          [status.capacity?.storage],
          [named?.spec.capacity?.storage],
        ),
        ...(isProvisioned(named) && sizeOf(status.capacity) < sizeOf(spec.resources?.requests)
          ? [`${name} has not grown`]
          : []),
      ];
    case "Lost":
      return named?.spec.claimRef?.uid === claim.metadata.uid ? [`${name} is not lost at all`] : [];
    default:
      return own.length > 0 || !mayWait(view, claim) ? [`${name} is ${status?.phase}`] : [];
  }
}

function isProvisioned(volume: PersistentVolume | undefined): boolean {
  return volume?.metadata.annotations?.[PROVISIONED_BY] !== undefined;
}

function mayWait(view: View, claim: PersistentVolumeClaim): boolean {
  const { storageClassName } = claim.spec;
  if (storageClassName === "near") return usersOf(view, claim).length === 0;
  if (storageClassName !== BY_HAND) return false;
  const size = sizeOf(claim.spec.resources?.requests);
  return !view.volumes.some(
    ({ metadata, spec, status }) =>
      status?.phase === "Available" &&
      metadata.deletionTimestamp === undefined &&
      spec.storageClassName === undefined &&
      sizeOf(spec.capacity) >= size,
  );
}

function badVolume({ claims }: View, volume: PersistentVolume): string[] {
  const { claimRef, persistentVolumeReclaimPolicy: policy } = volume.spec;
  const claim = claims.find(({ metadata }) => metadata.uid === claimRef?.uid);
  const name = naming(volume);
  if (claimRef === undefined) return differing(`${name} is`, [volume.status?.phase], ["Available"]);
  if (claim === undefined) {
    const gone = policy === "Delete" ? [`${name} should have gone with its claim`] : [];
    return [...differing(`${name} is`, [volume.status?.phase], ["Released"]), ...gone];
  }
  return [
    ...differing(`${name} is`, [volume.status?.phase], ["Bound"]),
    ...differing(`${naming(claim)} names`, [claim.spec.volumeName], [volume.metadata.name]),
  ];
}

/** Each pod of a set has a claim of each of its templates. */
function withoutClaims(view: View, set: View["statefulSets"][number]): string[] {
  const templates = set.spec.volumeClaimTemplates ?? [];
  return podsOf(view, set).flatMap((pod) =>
    templates.flatMap(({ metadata }) => {
      const wanted = `${metadata?.name}-${pod.metadata.name}`;
      const own = view.claims.find(
        (claim) =>
          claim.metadata.name === wanted && claim.metadata.namespace === pod.metadata.namespace,
      );
      return own?.status?.phase === "Bound" ? [] : [`${naming(pod)} has no volume for ${wanted}`];
    }),
  );
}

function nameOf({ metadata }: PersistentVolume): string {
  return metadata.name;
}

function sizeOf(amounts: Record<string, string> = {}): bigint {
  return parseQuantity(amounts.storage ?? "0").nano;
}
