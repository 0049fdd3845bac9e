/** Storage: classes that are there from the start, claims on them, and volumes made by hand. */
import type { Random } from "../../src/component/random.ts";
import { pick, roll } from "./dice.ts";

const GROWING = { name: "fast", allowVolumeExpansion: true };
const provisioner = "kubernetes.io/host-path";
/** By name: provisioned at once and growing, kept after the claim, provisioned where the first pod goes. */
export const CLASSES = [
  { ...GROWING, reclaimPolicy: "Delete", volumeBindingMode: "Immediate" },
  { name: "kept", reclaimPolicy: "Retain", volumeBindingMode: "Immediate" },
  { name: "near", reclaimPolicy: "Delete", volumeBindingMode: "WaitForFirstConsumer" },
].map(({ name, ...rest }) => ({ metadata: { name }, provisioner, ...rest }));
/** The class of claims that only volumes made by hand are for. */
export const BY_HAND = "";

const accessModes = ["ReadWriteOnce"];

export function claimOf(dice: Random, classes = ["fast", "kept", "near", BY_HAND]) {
  const resources = { requests: { storage: `${roll(dice, 1, 3)}Gi` } };
  return { accessModes, storageClassName: pick(dice, classes), resources };
}

export function volumeOf(name: string, dice: Random) {
  return {
    capacity: { storage: `${roll(dice, 1, 4)}Gi` },
    accessModes,
    storageClassName: pick(dice, [BY_HAND, BY_HAND, "fast"]),
    persistentVolumeReclaimPolicy: pick(dice, ["Retain", "Delete"]),
    hostPath: { path: `/srv/${name}` },
  };
}

/** For a stateful set: a claim for each of its pods. */
export function setVolumes(dice: Random) {
  if (dice.next() < 0.5) return {};
  const policy = () => pick(dice, ["Retain", "Delete"]);
  return {
    volumeClaimTemplates: [
      { metadata: { name: "data" }, spec: claimOf(dice, ["fast", "kept", "near"]) },
    ],
    persistentVolumeClaimRetentionPolicy: { whenDeleted: policy(), whenScaled: policy() },
  };
}
