/** Claims and the volumes behind them, in few words, and the lookups that plug-ins ask. */
import type { PersistentVolume } from "../../../src/api/persistent-volume.ts";
import type { PersistentVolumeClaim } from "../../../src/api/persistent-volume-claim.ts";
import type { CSINode } from "../../../src/api/storage/csi-node.ts";
import type { StorageClass } from "../../../src/api/storage/storage-class.ts";
import { classOfClaim } from "../../../src/api/volume-matching.ts";
import { aPod } from "../made-up-cluster.ts";

export interface Storage {
  claims?: PersistentVolumeClaim[];
  volumes?: PersistentVolume[];
  classes?: StorageClass[];
  drivers?: CSINode[];
}

export function storageOf({ claims = [], volumes = [], classes = [], drivers = [] }: Storage) {
  const named = <T extends { metadata: { name: string } }>(all: T[], name: string) =>
    all.find(({ metadata }) => metadata.name === name);
  return {
    claim: (namespace: string, name: string) =>
      claims.find(({ metadata: m }) => m.namespace === namespace && m.name === name),
    volume: (name: string) => named(volumes, name),
    classOf: (claim: PersistentVolumeClaim) => named(classes, classOfClaim(claim)),
    csiNode: (name: string) => named(drivers, name),
  };
}

/** A claim of the namespace "default"; bound where a volume is named. */
export function aClaim(name: string, spec: PersistentVolumeClaim["spec"]): PersistentVolumeClaim {
  const metadata = { name, namespace: "default", uid: `uid-of-${name}` };
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec };
}

export function aVolume(
  name: string,
  labels: Record<string, string>,
  spec: PersistentVolume["spec"] = {},
): PersistentVolume {
  return { apiVersion: "v1", kind: "PersistentVolume", metadata: { name, labels }, spec };
}

export function aClass(name: string, provisioner: string, volumeBindingMode: string): StorageClass {
  const kind = "StorageClass";
  const metadata = { name };
  return { apiVersion: "storage.k8s.io/v1", kind, metadata, provisioner, volumeBindingMode };
}

/** Driver -> how many volumes it attaches to the node; undefined: it does not say. */
export function aCsiNode(name: string, limits: Record<string, number | undefined>): CSINode {
  const drivers = Object.entries(limits).map(([driver, count]) => ({
    name: driver,
    nodeID: name,
    ...(count === undefined ? {} : { allocatable: { count } }),
  }));
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSINode",
    metadata: { name },
    spec: { drivers },
  };
}

export function podWith(name: string, ...claimNames: string[]) {
  const volumes = claimNames.map((claimName) => ({
    name: claimName,
    persistentVolumeClaim: { claimName },
  }));
  return aPod(name, { volumes });
}
