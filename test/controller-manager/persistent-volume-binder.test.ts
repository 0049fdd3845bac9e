import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Event } from "../../src/api/event.ts";
import { PersistentVolume } from "../../src/api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../src/api/persistent-volume-claim.ts";
import { Pod } from "../../src/api/pod.ts";
import { StorageClass } from "../../src/api/storage/storage-class.ts";
import { SELECTED_NODE } from "../../src/api/volume-matching.ts";
import { ephemeralVolumeController } from "../../src/controller-manager/ephemeral-volume.ts";
import { startPersistentVolumeBinder } from "../../src/controller-manager/persistent-volume-binder.ts";
import {
  claimProtectionController,
  volumeProtectionController,
} from "../../src/controller-manager/storage-protection.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";

let cluster: Cluster;
beforeEach(async () => {
  cluster = await startCluster({
    controllers: [
      startPersistentVolumeBinder,
      claimProtectionController,
      volumeProtectionController,
      ephemeralVolumeController,
    ],
  });
});
afterEach(() => cluster.stop());

type Draft = Record<string, unknown>;

describe("the volume binder", () => {
  test("gives a claim the smallest volume that will do", async () => {
    await volume("large", "10Gi");
    await volume("small", "2Gi");
    await volume("tiny", "500Mi");
    await claim("data", {}, "1Gi");
    await cluster.settle();

    expect(await boundTo("data")).toBe("small");
    expect((await getClaim("data")).status).toEqual({
      phase: "Bound",
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "2Gi" },
    });
    const { spec, status, metadata } = await getVolume("small");
    expect(status?.phase).toBe("Bound");
    expect(spec.claimRef).toMatchObject({ namespace: "default", name: "data" });
    expect(metadata.annotations).toEqual({ "pv.kubernetes.io/bound-by-controller": "yes" });
    expect((await getVolume("large")).status?.phase).toBe("Available");
  });

  test.each<[string, Draft, Draft]>([
    ["of another class", { storageClassName: "other" }, {}],
    ["that fewer may reach", { accessModes: ["ReadOnlyMany"] }, {}],
    ["of another mode", { volumeMode: "Block" }, {}],
    ["without the labels that are asked for", {}, { selector: { matchLabels: { disk: "ssd" } } }],
    ["kept for another claim", { claimRef: { namespace: "default", name: "other" } }, {}],
  ])("leaves a volume %s alone, and says what is missing", async (_, volumeSpec, claimSpec) => {
    await volume("one", "1Gi", volumeSpec);
    await claim("data", claimSpec);
    await cluster.settle();

    expect((await getClaim("data")).status?.phase).toBe("Pending");
    expect((await getVolume("one")).status?.phase).toBe("Available");
    expect(await told("data")).toContain(
      "FailedBinding no persistent volumes available for this claim and no storage class is set",
    );
  });

  test("gives the volume that is kept for a claim to it, also before it is the smallest", async () => {
    await volume("small", "1Gi");
    await volume("kept", "5Gi", { claimRef: { namespace: "default", name: "data" } });
    await claim("data");
    await cluster.settle();
    expect(await boundTo("data")).toBe("kept");
  });

  test("gives a claim the volume it names, when that comes", async () => {
    await volume("other", "1Gi");
    await claim("data", { volumeName: "mine" });
    await cluster.settle();
    expect((await getClaim("data")).status?.phase).toBe("Pending");
    await volume("mine", "1Gi");
    await cluster.settle();
    expect((await getClaim("data")).status?.phase).toBe("Bound");
    expect(await boundTo("data")).toBe("mine");
  });

  test("gives one volume to one of two claims", async () => {
    await claim("one");
    await claim("two");
    await volume("only", "1Gi");
    await cluster.settle();
    const phases = [await getClaim("one"), await getClaim("two")].map(
      ({ status }) => status?.phase,
    );
    expect(phases.toSorted()).toEqual(["Bound", "Pending"]);
  });

  test("binds also where every write meets a conflict first", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await volume("one", "1Gi");
    await claim("data");
    await cluster.pass(20_000, 1_000);
    expect(await boundTo("data")).toBe("one");
    expect((await getClaim("data")).status?.phase).toBe("Bound");
  });

  test("makes a volume for a claim whose class is of its own provisioner", async () => {
    await storageClass("fast");
    await claim("data", { storageClassName: "fast" });
    await cluster.settle();

    const name = await boundTo("data");
    expect(name).toBe(`pvc-${(await getClaim("data")).metadata.uid}`);
    expect((await getVolume(name)).spec).toMatchObject({
      capacity: { storage: "1Gi" },
      persistentVolumeReclaimPolicy: "Delete",
      storageClassName: "fast",
      hostPath: {
        path: `/var/lib/kubeling/volumes/default/data/${name}`,
        type: "DirectoryOrCreate",
      },
    });
    expect(await told("data")).toContain(
      `ProvisioningSucceeded Successfully provisioned volume ${name} using kubernetes.io/host-path`,
    );
  });

  test("waits for the first pod where the class says so, and then makes it where the pod goes", async () => {
    await storageClass("late", { volumeBindingMode: "WaitForFirstConsumer" });
    await claim("data", { storageClassName: "late" });
    await cluster.settle();
    expect((await getClaim("data")).status?.phase).toBe("Pending");
    expect(await told("data")).toEqual([
      "WaitForFirstConsumer waiting for first consumer to be created before binding",
    ]);

    await annotate("data", { [SELECTED_NODE]: "node2" });
    await cluster.settle();
    expect((await getVolume(await boundTo("data"))).spec.nodeAffinity).toEqual({
      required: {
        nodeSelectorTerms: [
          {
            matchExpressions: [
              { key: "kubernetes.io/hostname", operator: "In", values: ["node2"] },
            ],
          },
        ],
      },
    });
  });

  test("tells of a class that is not there, and of one that is another's", async () => {
    await storageClass("theirs", { provisioner: "csi.example.com" });
    await claim("one", { storageClassName: "nowhere" });
    await claim("two", { storageClassName: "theirs" });
    await cluster.settle();
    expect(await told("one")).toEqual([
      'ProvisioningFailed storageclass.storage.k8s.io "nowhere" not found',
    ]);
    expect((await told("two"))[0]).toContain(
      "ExternalProvisioning Waiting for a volume to be created either by the external provisioner 'csi.example.com'",
    );
  });

  test("gives the default class, when there is one, to claims that were there before it", async () => {
    await claim("data");
    await cluster.settle();
    await storageClass("standard", {}, { "storageclass.kubernetes.io/is-default-class": "true" });
    await cluster.settle();
    expect((await getClaim("data")).spec.storageClassName).toBe("standard");
    expect((await getClaim("data")).status?.phase).toBe("Bound");
  });

  test("keeps the volume of a claim that has gone, and gives it to no other of that name", async () => {
    await volume("one", "1Gi");
    await claim("data");
    await cluster.settle();
    await cluster.client.delete(PersistentVolumeClaim, "default", "data");
    await claimGone("data");
    expect((await getVolume("one")).status?.phase).toBe("Released");

    await claim("data");
    await cluster.settle();
    expect((await getClaim("data")).status?.phase).toBe("Pending");
  });

  test("deletes the volume with its claim, where the policy is Delete", async () => {
    await storageClass("fast");
    await claim("data", { storageClassName: "fast" });
    await cluster.settle();
    await cluster.client.delete(PersistentVolumeClaim, "default", "data");
    await claimGone("data");
    expect((await cluster.client.list(PersistentVolume)).items).toEqual([]);
  });

  test("fails a volume that is to be recycled", async () => {
    await volume("one", "1Gi", { persistentVolumeReclaimPolicy: "Recycle" });
    await claim("data");
    await cluster.settle();
    await cluster.client.delete(PersistentVolumeClaim, "default", "data");
    await claimGone("data");
    expect((await getVolume("one")).status).toMatchObject({
      phase: "Failed",
      message: "No recycler plugin found for the volume!",
    });
  });

  test("says when a bound claim has lost its volume", async () => {
    await volume("one", "1Gi");
    await claim("data");
    await cluster.settle();
    const found = await getVolume("one");
    await cluster.client.delete(PersistentVolume, "", "one");
    await cluster.client.update(PersistentVolume, {
      ...(await getVolume("one")),
      metadata: { ...found.metadata, ...(await getVolume("one")).metadata, finalizers: [] },
    });
    await cluster.settle();
    expect((await getClaim("data")).status).toEqual({ phase: "Lost" });
    expect(await told("data")).toContain(
      "ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!",
    );
  });
});

describe("the protection of storage", () => {
  test("holds a claim as long as a pod on a node uses it", async () => {
    await volume("one", "1Gi");
    await claim("data");
    await pod("user", { persistentVolumeClaim: { claimName: "data" } });
    await cluster.settle();
    await cluster.client.delete(PersistentVolumeClaim, "default", "data");
    await cluster.settle();
    expect((await getClaim("data")).metadata).toMatchObject({
      deletionTimestamp: expect.any(String),
      finalizers: ["kubernetes.io/pvc-protection"],
    });

    await cluster.client.delete(Pod, "default", "user", { gracePeriodSeconds: 0 });
    await claimGone("data");
  });

  test("holds a volume as long as it is bound", async () => {
    await volume("one", "1Gi");
    await claim("data");
    await cluster.settle();
    await cluster.client.delete(PersistentVolume, "", "one");
    await cluster.settle();
    expect((await getVolume("one")).metadata.deletionTimestamp).toBeDefined();

    await cluster.client.delete(PersistentVolumeClaim, "default", "data");
    await claimGone("data");
    expect((await cluster.client.list(PersistentVolume)).items).toEqual([]);
  });
});

describe("an ephemeral volume", () => {
  const ephemeral = {
    volumeClaimTemplate: { metadata: { labels: { a: "b" } }, spec: claimSpec() },
  };

  test("is a claim of the pod's own", async () => {
    await pod("web", { ephemeral });
    await cluster.settle();
    const { metadata } = await getClaim("web-data");
    expect(metadata.labels).toEqual({ a: "b" });
    expect(metadata.ownerReferences).toMatchObject([
      { kind: "Pod", name: "web", controller: true },
    ]);
  });

  test("is not one that was there by chance", async () => {
    await claim("web-data");
    await pod("web", { ephemeral });
    await cluster.settle();
    expect((await getClaim("web-data")).metadata.ownerReferences).toBeUndefined();
    expect((await told("web"))[0]).toContain(
      "PVC default/web-data was not created for pod default/web (pod is not owner)",
    );
  });
});

function claimSpec(storage = "1Gi", more: Draft = {}) {
  return { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } }, ...more };
}

async function claim(name: string, more: Draft = {}, storage = "1Gi"): Promise<void> {
  const spec = claimSpec(storage, more);
  await cluster.client.create(PersistentVolumeClaim, "default", { metadata: { name }, spec });
}

async function volume(name: string, storage: string, more: Draft = {}): Promise<void> {
  await cluster.client.create(PersistentVolume, "", {
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes: ["ReadWriteOnce"],
      hostPath: { path: `/srv/${name}` },
      ...more,
    },
  } as never);
}

async function storageClass(name: string, more: Draft = {}, annotations = {}): Promise<void> {
  const provisioner = "kubernetes.io/host-path";
  const draft = { metadata: { name, annotations }, provisioner, ...more };
  await cluster.client.create(StorageClass, "", draft as never);
}

async function pod(name: string, source: Draft): Promise<void> {
  await cluster.client.create(Pod, "default", {
    metadata: { name },
    spec: {
      nodeName: "node1",
      containers: [{ name: "a", image: "b" }],
      volumes: [{ name: "data", ...source }],
    },
  } as never);
}

const getClaim = (name: string) => cluster.client.get(PersistentVolumeClaim, "default", name);
const getVolume = (name: string) => cluster.client.get(PersistentVolume, "", name);

async function boundTo(name: string): Promise<string> {
  return (await getClaim(name)).spec.volumeName ?? "";
}

async function annotate(name: string, annotations: Record<string, string>): Promise<void> {
  const patch = { metadata: { annotations } };
  await cluster.client.patch(PersistentVolumeClaim, "default", name, patch);
}

async function claimGone(name: string): Promise<void> {
  await cluster.settle();
  const { items } = await cluster.client.list(PersistentVolumeClaim);
  expect(items.map(({ metadata }) => metadata.name)).not.toContain(name);
}

/** What the events about an object say, oldest first. */
async function told(name: string): Promise<string[]> {
  const { items } = await cluster.client.list(Event);
  return items
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ reason, message }) => `${reason} ${message}`);
}
