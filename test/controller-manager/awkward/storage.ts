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
