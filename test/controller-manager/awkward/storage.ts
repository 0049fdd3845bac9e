/** The controllers of volumes and claims. */
import type { Kind } from "../../../src/api/kind.ts";
import { PersistentVolume } from "../../../src/api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../../src/api/persistent-volume-claim.ts";
import { Pod } from "../../../src/api/pod.ts";
import { StorageClass } from "../../../src/api/storage/storage-class.ts";
import type { AwkwardCase, Lab } from "./lab.ts";

const accessModes = ["ReadWriteOnce"];
const claimSpec = { accessModes, resources: { requests: { storage: "1Gi" } } };
const claim = {
  kind: PersistentVolumeClaim as unknown as Kind,
  namespace: "default",
  name: "data",
};
const BINDER = "persistentvolume-binder-controller";
const CLAIM_PROTECTION = "persistentvolumeclaim-protection-controller";
const VOLUME_PROTECTION = "persistentvolume-protection-controller";

async function fastClass(lab: Lab): Promise<void> {
  const provisioner = "kubernetes.io/host-path";
  await lab.create(StorageClass, "", { metadata: { name: "fast" }, provisioner });
}

/** A claim that was bound long ago, and has asked for more since. */
async function smallVolume(lab: Lab): Promise<void> {
  const volumeName = `disk-${(await lab.list(PersistentVolume)).length}`;
  const resources = { requests: { storage: "3Gi" } };
  await lab.make({ spec: { accessModes, storageClassName: "fast", resources, volumeName } });
  const { uid = "" } = (await lab.find(PersistentVolumeClaim))!.metadata;
  const annotations = { "pv.kubernetes.io/provisioned-by": "kubernetes.io/host-path" };
  const capacity = { storage: "1Gi" };
  const claimRef = { namespace: "default", name: "data", uid };
  await lab.create(PersistentVolume, "", {
    metadata: { name: volumeName, annotations },
    spec: { capacity, accessModes, hostPath: { path: "/srv" }, claimRef },
  });
  const status = { phase: "Bound", accessModes, capacity };
  await lab.patchStatus(PersistentVolumeClaim, "default", "data", status);
}

async function binding(lab: Lab) {
  const found = await lab.find(PersistentVolumeClaim);
  const volumes = await lab.list(PersistentVolume);
  return {
    claim: found?.status?.phase,
    volumes: volumes.map(({ spec, status }) => [
      status?.phase,
      spec.claimRef?.uid === found?.metadata.uid,
    ]),
  };
}

export const storageCases: AwkwardCase[] = [
  {
    controller: BINDER,
    also: [CLAIM_PROTECTION, VOLUME_PROTECTION],
    subject: claim,
    prepare: fastClass,
    make: (lab) => lab.make({ spec: { ...claimSpec, storageClassName: "fast" } }),
    takesMs: 30_000,
    result: binding,
    expected: { claim: "Bound", volumes: [["Bound", true]] },
  },
  {
    controller: "persistentvolume-expander-controller",
    also: [CLAIM_PROTECTION],
    subject: claim,
    make: smallVolume,
    result: async (lab) => (await lab.find(PersistentVolumeClaim))?.status?.capacity,
    expected: { storage: "3Gi" },
  },
  {
    controller: CLAIM_PROTECTION,
    subject: claim,
    async make(lab) {
      await lab.make({ spec: { ...claimSpec, storageClassName: "" } });
      await lab.delete();
    },
    result: (lab) => lab.names(PersistentVolumeClaim),
    expected: [],
  },
  {
    controller: VOLUME_PROTECTION,
    subject: { kind: PersistentVolume as unknown as Kind, namespace: "", name: "disk" },
    async make(lab) {
      const spec = { capacity: { storage: "1Gi" }, accessModes, hostPath: { path: "/srv" } };
      await lab.make({ spec });
      await lab.delete();
    },
    result: (lab) => lab.names(PersistentVolume),
    expected: [],
  },
  {
    controller: "ephemeral-volume-controller",
    also: ["garbage-collector-controller", CLAIM_PROTECTION],
    subject: { kind: Pod as unknown as Kind, namespace: "default", name: "web" },
    make: (lab) => {
      const volumes = [
        { name: "scratch", ephemeral: { volumeClaimTemplate: { spec: claimSpec } } },
      ];
      return lab.make({ spec: { containers: [{ name: "main", image: "web:1" }], volumes } });
    },
    result: async (lab) => [
      await lab.owned(PersistentVolumeClaim),
      await lab.names(PersistentVolumeClaim),
    ],
    expected: [1, ["web-scratch"]],
  },
];
