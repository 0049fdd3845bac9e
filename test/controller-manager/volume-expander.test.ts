import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Event } from "../../src/api/event.ts";
import { PersistentVolume } from "../../src/api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../src/api/persistent-volume-claim.ts";
import { ResourceQuota } from "../../src/api/resource-quota.ts";
import { StorageClass } from "../../src/api/storage/storage-class.ts";
import { startPersistentVolumeBinder } from "../../src/controller-manager/persistent-volume-binder.ts";
import { resourceQuotaController } from "../../src/controller-manager/resource-quota.ts";
import { volumeExpander } from "../../src/controller-manager/volume-expander.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";

const accessModes = ["ReadWriteOnce"];

let cluster: Cluster;
beforeEach(async () => {
  cluster = await startCluster({
    controllers: [startPersistentVolumeBinder, volumeExpander, resourceQuotaController()],
  });
  await cluster.client.create(StorageClass, "", {
    metadata: { name: "growing" },
    provisioner: "kubernetes.io/host-path",
    allowVolumeExpansion: true,
  });
});
afterEach(() => cluster.stop());

describe("a bound claim that asks for more", () => {
  test("gets it where its class allows it, and its volume says so too", async () => {
    await claim("growing");
    await grow("3Gi");
    const { status, metadata } = await get();
    expect(status).toEqual({ phase: "Bound", accessModes, capacity: { storage: "3Gi" } });
    expect(metadata.annotations?.["volume.kubernetes.io/storage-resizer"]).toBe(
      "kubernetes.io/host-path",
    );
    const [volume] = (await cluster.client.list(PersistentVolume)).items;
    expect(volume?.spec.capacity).toEqual({ storage: "3Gi" });
    expect(await told()).toContain(
      "VolumeResizeSuccessful ExpandVolume succeeded for volume default/data",
    );
  });

  test("says on the way that it is being resized", async () => {
    await claim("growing");
    cluster.network.fault = ({ method, path }) =>
      method === "PUT" && path.includes("/persistentvolumes/") ? new Error("not now") : undefined;
    await resize("3Gi");
    await cluster.settle();
    expect((await get()).status).toMatchObject({
      capacity: { storage: "1Gi" },
      conditions: [{ type: "Resizing", status: "True" }],
    });
    cluster.network.fault = undefined;
    await cluster.pass(30_000);
    expect((await get()).status).toEqual({
      phase: "Bound",
      accessModes,
      capacity: { storage: "3Gi" },
    });
  });

  test("is refused where its class allows none", async () => {
    await cluster.client.create(StorageClass, "", {
      metadata: { name: "fixed" },
      provisioner: "kubernetes.io/host-path",
    });
    await claim("fixed");
    await expect(resize("3Gi")).rejects.toThrow(
      'persistentvolumeclaims "data" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  });

  test("is refused what is beyond the quota, and counted with what it has grown to", async () => {
    await cluster.client.create(ResourceQuota, "default", {
      metadata: { name: "quota" },
      spec: { hard: { "requests.storage": "5Gi" } },
    });
    await cluster.settle();
    await claim("growing");
    await expect(resize("6Gi")).rejects.toThrow(
      'persistentvolumeclaims "data" is forbidden: exceeded quota: quota, requested: requests.storage=5Gi, used: requests.storage=1Gi, limited: requests.storage=5Gi',
    );
    await grow("5Gi");
    const { status } = await cluster.client.get(ResourceQuota, "default", "quota");
    expect(status?.used).toEqual({ "requests.storage": "5Gi" });
  });

  test("waits for whoever made its volume, if it was not us", async () => {
    await cluster.client.create(PersistentVolume, "", {
      metadata: { name: "disk" },
      spec: {
        capacity: { storage: "2Gi" },
        accessModes,
        storageClassName: "growing",
        hostPath: { path: "/srv/disk" },
      },
    });
    await cluster.settle();
    await claim("growing");
    await grow("3Gi");
    expect((await get()).status?.capacity).toEqual({ storage: "2Gi" });
    expect(await told()).toContain(
      "ExternalExpanding waiting for an external controller to expand this PVC",
    );
  });
});

async function claim(storageClassName: string): Promise<void> {
  await cluster.client.create(PersistentVolumeClaim, "default", {
    metadata: { name: "data" },
    spec: { accessModes, storageClassName, resources: { requests: { storage: "1Gi" } } },
  });
  await cluster.pass(30_000);
  expect((await get()).status?.phase).toBe("Bound");
}

function resize(storage: string): Promise<unknown> {
  const spec = { resources: { requests: { storage } } };
  return cluster.client.patch(PersistentVolumeClaim, "default", "data", { spec });
}

async function grow(storage: string): Promise<void> {
  await resize(storage);
  await cluster.settle();
}

const get = () => cluster.client.get(PersistentVolumeClaim, "default", "data");

async function told(): Promise<string[]> {
  const { items } = await cluster.client.list(Event, { namespace: "default" });
  return items.map(({ reason, message }) => `${reason} ${message}`);
}
