/**
 * A pod goes to the zone in which its volumes are.
 *
 * The labels of a bound volume say its zone and region; one disk in several zones has their names joined by
 * "__". A node without any such label is in a cluster of one zone, and takes every volume.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/volumezone
 */
import type { PersistentVolume } from "../../api/persistent-volume.ts";
import { classOfClaim } from "../../api/volume-matching.ts";
import { type Plugin, type Rejection, unresolvable } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import type { PodVolumes } from "../pod-volumes.ts";

/** What is asked of the claims and volumes of the cluster. */
export type ZonedVolumes = Pick<PodVolumes, "claim" | "volume" | "classOf">;

/** Each label -> what it is called on nodes that no longer have it. */
const SUCCESSORS: Readonly<Record<string, string>> = {
  "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone": "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region": "topology.kubernetes.io/region",
};
const LABELS = Object.keys(SUCCESSORS);

/** A node has to have one of the values under the label. */
interface Place {
  label: string;
  values: readonly string[];
}

export function volumeZone(volumes: ZonedVolumes): Plugin {
  return {
    name: "VolumeZone",
    wakesOn: ["NodeAdd", "NodeLabelChange", "StorageChange"],
    filter({ pod }) {
      const places = placesOf(pod, volumes);
      if (!Array.isArray(places)) return places;
      if (places.length === 0) return undefined;
      return (node) => (isInZones(node) && !isInAll(node, places) ? OTHER_ZONE : undefined);
    },
  };
}

/** Where all volumes of the pod are, or why that cannot be said. */
function placesOf({ pod, namespace }: PodInfo, volumes: ZonedVolumes): Place[] | Rejection {
  const places: Place[] = [];
  for (const { persistentVolumeClaim: source } of pod.spec.volumes ?? []) {
    if (source === undefined) continue;
    const claim = volumes.claim(namespace, source.claimName);
    if (claim === undefined) return notFound("persistentvolumeclaim", source.claimName);
    const { volumeName = "" } = claim.spec;
    if (volumeName === "") {
      const className = classOfClaim(claim);
      if (className === "") return NO_CLASS;
      const storageClass = volumes.classOf(claim);
      if (storageClass === undefined) return notFound("storageclass.storage.k8s.io", className);
      if (storageClass.volumeBindingMode !== "WaitForFirstConsumer") return NO_VOLUME;
      continue;
    }
    const volume = volumes.volume(volumeName);
    if (volume === undefined) return notFound("persistentvolume", volumeName);
    places.push(...placesOfVolume(volume));
  }
  return places;
}

/** A label with an empty name in it says nothing. */
function placesOfVolume({ metadata: { labels = {} } }: PersistentVolume): Place[] {
  return LABELS.flatMap((label) => {
    const values = labels[label]?.split("__").map((value) => value.trim());
    return values === undefined || values.includes("") ? [] : [{ label, values }];
  });
}

function isInZones({ labels }: NodeInfo): boolean {
  return LABELS.some((label) => labels[label] !== undefined);
}

function isInAll({ labels }: NodeInfo, places: readonly Place[]): boolean {
  return places.every(({ label, values }) => {
    const own = labels[label] ?? labels[SUCCESSORS[label]!];
    return own !== undefined && values.includes(own);
  });
}

function notFound(resource: string, name: string): Rejection {
  return unresolvable(`${resource} ${JSON.stringify(name)} not found`);
}

const OTHER_ZONE = unresolvable("node(s) had no available volume zone");
const NO_CLASS = unresolvable("PersistentVolumeClaim had no pv name and storageClass name");
const NO_VOLUME = unresolvable("PersistentVolume had no name");
