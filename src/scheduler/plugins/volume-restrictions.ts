/**
 * A claim that is ReadWriteOncePod is for one pod in the whole cluster.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/volumerestrictions. Differs: of the disks of cloud
 * providers, which this cluster cannot mount, nothing is known.
 */

import type { Pod } from "../../api/pod.ts";
import { claimNamesOf } from "../../api/pod-claims.ts";
import { type Plugin, unschedulable } from "../framework.ts";
import type { PodVolumes } from "../pod-volumes.ts";

export function volumeRestrictions(volumes: PodVolumes): Plugin {
  return {
    name: "VolumeRestrictions",
    wakesOn: ["AssignedPodDelete", "NodeAdd", "StorageChange"],
    isHelpedBy(pod, { event, object }) {
      if (event !== "AssignedPodDelete") return true;
      const freed = claimNamesOf(object as Pod);
      return claimNamesOf(pod).some((name) => freed.includes(name));
    },
    filter({ pod: { pod, namespace }, nodes }) {
      const exclusive = claimNamesOf(pod).filter((name) =>
        volumes.claim(namespace, name)?.spec.accessModes?.includes("ReadWriteOncePod"),
      );
      if (exclusive.length === 0) return undefined;
      const isTaken = nodes.some((node) =>
        [...node.pods.values()].some(
          (other) =>
            other.namespace === namespace &&
            claimNamesOf(other.pod).some((name) => exclusive.includes(name)),
        ),
      );
      return isTaken ? TAKEN : undefined;
    },
  };
}

const TAKEN = unschedulable(
  "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod",
);
