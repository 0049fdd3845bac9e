/**
 * A storage driver attaches only so many volumes to one node: as many as the CSINode of that name says.
 *
 * A volume counts once, however many pods of the node use it. A claim without a volume counts for the driver
 * that will make one.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/nodevolumelimits/csi.go. Differs: volumes of the cloud
 * providers' old kinds are not counted for the drivers that replaced them, nor are limits read from the
 * Node's allocatable (attachable-volumes-...).
 */
import type { PersistentVolumeClaim } from "../../api/persistent-volume-claim.ts";
import type { Pod } from "../../api/pod.ts";
import { claimNamesOf } from "../../api/pod-claims.ts";
import { type Plugin, type Rejection, unschedulable } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import type { PodVolumes } from "../pod-volumes.ts";

/** What is asked of the claims, volumes and drivers of the cluster. */
export type CountedVolumes = Pick<PodVolumes, "claim" | "volume" | "classOf" | "csiNode">;

/** Each volume, by a name that no other has -> the driver that attaches it. */
type Attached = Map<string, string>;

export function nodeVolumeLimits(volumes: CountedVolumes): Plugin {
  return {
    name: "NodeVolumeLimits",
    wakesOn: ["AssignedPodDelete", "NodeAdd", "StorageChange"],
    isHelpedBy: (_pod, { event, object }) =>
      event !== "AssignedPodDelete" || claimNamesOf(object as Pod).length > 0,
    filter({ pod }) {
      const wanted: Attached = new Map();
      addVolumes(pod, volumes, wanted);
      if (wanted.size === 0) return undefined;
      return (node) => rejectionOn(node, wanted, volumes);
    },
  };
}

function rejectionOn(
  node: NodeInfo,
  wanted: Attached,
  volumes: CountedVolumes,
): Rejection | undefined {
  const limits = limitsOf(node.name, volumes);
  if (![...wanted.values()].some((driver) => limits.has(driver))) return undefined;
  const attached: Attached = new Map();
  for (const pod of node.pods.values()) addVolumes(pod, volumes, attached);
  const coming = [...wanted].filter(([volume]) => !attached.has(volume));
  const counts = countByDriver([...attached.values(), ...coming.map(([, driver]) => driver)]);
  const isTooMany = coming.some(
    ([, driver]) => counts.get(driver)! > (limits.get(driver) ?? Number.POSITIVE_INFINITY),
  );
  return isTooMany ? EXCEEDED : undefined;
}

function limitsOf(nodeName: string, volumes: CountedVolumes): Map<string, number> {
  const { drivers = [] } = volumes.csiNode(nodeName)?.spec ?? {};
  const limits = new Map<string, number>();
  for (const { name, allocatable } of drivers) {
    if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
  }
  return limits;
}

function countByDriver(drivers: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const driver of drivers) counts.set(driver, (counts.get(driver) ?? 0) + 1);
  return counts;
}

/** Whether a claim is there at all is VolumeBinding's concern: what is not there is not counted. */
function addVolumes({ pod, namespace }: PodInfo, volumes: CountedVolumes, to: Attached): void {
  for (const name of claimNamesOf(pod)) {
    const claim = volumes.claim(namespace, name);
    const volume = claim && volumeOf(claim, volumes);
    if (volume !== undefined) to.set(...volume);
  }
}

/** Undefined for what no driver attaches. */
function volumeOf(
  claim: PersistentVolumeClaim,
  volumes: CountedVolumes,
): [name: string, driver: string] | undefined {
  const { metadata, spec } = claim;
  const volume = spec.volumeName ? volumes.volume(spec.volumeName) : undefined;
  if (volume !== undefined) {
    const { csi } = volume.spec;
    return csi && [JSON.stringify([csi.driver, csi.volumeHandle]), csi.driver];
  }
  const driver = volumes.classOf(claim)?.provisioner;
  if (driver === undefined) return undefined;
  return [JSON.stringify([driver, metadata.namespace, metadata.name]), driver];
}

const EXCEEDED = unschedulable("node(s) exceed max volume count");
