/**
 * A pod goes where its volumes are, or where they can be made.
 *
 * A claim of a class that waits for its first consumer gets its volume only now: one that is there and can
 * be reached from the node, or one that is made for that node. The pod is bound when all of them are.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/volumebinding
 */
import type { TopologySelectorTerm } from "kubernetes-types/core/v1.js";
import type { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import { claimNameOf, isMadeFor } from "../../api/pod-claims.ts";
import { isBound, SELECTED_NODE } from "../../api/volume-matching.ts";
import { type Plugin, type Rejection, unresolvable } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import { isReachable, type PodVolumes } from "../pod-volumes.ts";

const NO_PROVISIONER = "kubernetes.io/no-provisioner";

export function volumeBinding(volumes: PodVolumes): Plugin {
  return {
    name: "VolumeBinding",
    wakesOn: ["NodeAdd", "NodeLabelChange", "StorageChange"],
    filter({ pod }) {
      const claims = claimsOf(pod, volumes);
      if (!Array.isArray(claims)) return claims;
      if (claims.length === 0) return undefined;
      const waiting = claims.filter((claim) => !isBound(claim));
      if (waiting.some((claim) => !volumes.isDelayed(claim))) return UNBOUND;
      return (node) => rejectionOn(node, claims, volumes);
    },
    async prepare(pod, node) {
      const claims = claimsOf(pod, volumes);
      if (!Array.isArray(claims)) throw new Error(claims.reasons.join(", "));
      const waiting = claims.filter((claim) => !isBound(claim));
      if (waiting.length > 0) await volumes.bind(waiting, node);
    },
  };
}

/** All claims of the pod, or why it cannot have them. */
function claimsOf({ pod, namespace }: PodInfo, volumes: PodVolumes) {
  const claims: PersistentVolumeClaim[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod, volume);
    if (name === undefined) continue;
    const claim = volumes.claim(namespace, name);
    const quoted = JSON.stringify(name);
    if (claim === undefined) {
      const why = volume.ephemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim ${quoted}`
        : `persistentvolumeclaim ${quoted} not found`;
      return unresolvable(why);
    }
    if (claim.status?.phase === "Lost") {
      const gone = JSON.stringify(claim.spec.volumeName ?? "");
      const why = `persistentvolumeclaim ${quoted} bound to non-existent persistentvolume ${gone}`;
      return unresolvable(why);
    }
    if (claim.metadata.deletionTimestamp !== undefined) {
      return unresolvable(`persistentvolumeclaim ${quoted} is being deleted`);
    }
    if (volume.ephemeral && !isMadeFor(pod, claim)) {
      const [ofClaim, ofPod] = [`${namespace}/${name}`, `${namespace}/${pod.metadata.name}`];
      const why = `PVC ${ofClaim} was not created for pod ${ofPod} (pod is not owner)`;
      return unresolvable(why);
    }
    claims.push(claim);
  }
  return claims;
}

function rejectionOn(
  node: NodeInfo,
  claims: readonly PersistentVolumeClaim[],
  volumes: PodVolumes,
): Rejection | undefined {
  const reasons = new Set<string>();
  for (const claim of claims) {
    const why = isBound(claim)
      ? whyNotReached(claim, node, volumes)
      : whyNotMade(claim, node, volumes);
    if (why !== undefined) reasons.add(why);
  }
  return reasons.size === 0 ? undefined : unresolvable(...reasons);
}

function whyNotReached({ spec }: PersistentVolumeClaim, node: NodeInfo, volumes: PodVolumes) {
  const volume = volumes.volume(spec.volumeName!);
  if (volume === undefined) return VOLUME_GONE;
  return isReachable(volume, node) ? undefined : OTHER_NODE;
}

function whyNotMade(claim: PersistentVolumeClaim, node: NodeInfo, volumes: PodVolumes) {
  const selected = claim.metadata.annotations?.[SELECTED_NODE];
  if (selected !== undefined && selected !== node.name) return NO_VOLUME;
  if (volumes.volumeFor(claim, node) !== undefined) return undefined;
  const { provisioner, allowedTopologies = [] } = volumes.classOf(claim)!;
  if (provisioner === NO_PROVISIONER) return NO_VOLUME;
  const isAllowed =
    allowedTopologies.length === 0 || allowedTopologies.some((term) => matches(term, node));
  return isAllowed ? undefined : NO_VOLUME;
}

function matches({ matchLabelExpressions = [] }: TopologySelectorTerm, { labels }: NodeInfo) {
  return matchLabelExpressions.every(({ key, values }) => values.includes(labels[key] ?? ""));
}

const UNBOUND = unresolvable("pod has unbound immediate PersistentVolumeClaims");
const OTHER_NODE = "node(s) had volume node affinity conflict";
const NO_VOLUME = "node(s) didn't find available persistent volumes to bind";
const VOLUME_GONE = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
