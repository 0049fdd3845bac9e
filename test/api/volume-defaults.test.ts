/** What the original's defaults.go fills in of volumes. */
import { expect, test } from "vitest";
import { PersistentVolume } from "../../src/api/persistent-volume.ts";
import { Pod } from "../../src/api/pod.ts";
import { complete } from "./judge.ts";

const claim = {
  accessModes: ["ReadWriteOnce"],
  resources: { requests: { storage: "1Gi" } },
};

test.each<[object, object]>([
  [{}, { emptyDir: {} }],
  [
    { iscsi: { targetPortal: "a", iqn: "iqn.2024-01.a:b", lun: 0 } },
    { iscsi: { targetPortal: "a", iqn: "iqn.2024-01.a:b", lun: 0, iscsiInterface: "default" } },
  ],
  [
    { rbd: { monitors: ["a"], image: "b", user: "c" } },
    {
      rbd: { monitors: ["a"], image: "b", user: "c", pool: "rbd", keyring: "/etc/ceph/keyring" },
    },
  ],
  [
    { azureDisk: { diskName: "a", diskURI: "b" } },
    {
      azureDisk: {
        diskName: "a",
        diskURI: "b",
        cachingMode: "ReadWrite",
        kind: "Shared",
        fsType: "ext4",
        readOnly: false,
      },
    },
  ],
  [
    { scaleIO: { gateway: "a", system: "b", secretRef: {} } },
    {
      scaleIO: {
        gateway: "a",
        system: "b",
        secretRef: {},
        storageMode: "ThinProvisioned",
        fsType: "xfs",
      },
    },
  ],
  [
    { ephemeral: { volumeClaimTemplate: { spec: claim } } },
    { ephemeral: { volumeClaimTemplate: { spec: { ...claim, volumeMode: "Filesystem" } } } },
  ],
])("a pod's volume with %j", (source, whole) => {
  const pod = complete(Pod, { spec: { containers: [], volumes: [{ name: "a", ...source }] } });
  expect(pod.spec.volumes).toEqual([{ name: "a", ...whole }]);
});

test("a volume of its own has the same of its vendor", () => {
  const spec = { accessModes: ["ReadWriteOnce"], rbd: { monitors: ["a"], image: "b" } };
  expect(complete(PersistentVolume, { spec }).spec.rbd).toEqual({
    monitors: ["a"],
    image: "b",
    pool: "rbd",
    user: "admin",
    keyring: "/etc/ceph/keyring",
  });
});
