import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ControllerRevision } from "../../src/api/apps/controller-revision.ts";
import { StatefulSet } from "../../src/api/apps/stateful-set.ts";
import { controllerOf } from "../../src/api/owner.ts";
import { PersistentVolumeClaim } from "../../src/api/persistent-volume-claim.ts";
import { Pod } from "../../src/api/pod.ts";
import { statefulSetController } from "../../src/controller-manager/stateful-set.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite, unreachable } from "../support/faulty-transport.ts";
import { WorkloadLab } from "./workload-lab.ts";

let cluster: Cluster;
let lab: WorkloadLab;
beforeEach(async () => {
  cluster = await startCluster({ controllers: [statefulSetController] });
  lab = new WorkloadLab(cluster);
});
afterEach(() => cluster.stop());

describe("a StatefulSet", () => {
  test("makes its pods one after the other, each when the one before is ready", async () => {
    await create(web({ replicas: 3 }));
    await cluster.settle();
    expect(await names()).toEqual(["web-0"]);
    await allReady();
    expect(await names()).toEqual(["web-0", "web-1"]);
    await allReady();
    await allReady();
    expect(await names()).toEqual(["web-0", "web-1", "web-2"]);
    const { status } = await get();
    expect(status).toEqual({
      replicas: 3,
      availableReplicas: 3,
      readyReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: status?.updateRevision,
      updateRevision: (await revisions())[0]!.metadata.name,
      collisionCount: 0,
      observedGeneration: 1,
    });
    expect(await lab.told("StatefulSet")).toEqual([
      "SuccessfulCreate create Pod web-0 in StatefulSet web successful",
      "SuccessfulCreate create Pod web-1 in StatefulSet web successful",
      "SuccessfulCreate create Pod web-2 in StatefulSet web successful",
    ]);
  });

  test("gives each pod a name, a host name and labels of its own", async () => {
    await create(web({ replicas: 1 }));
    await cluster.settle();

    const [pod] = await lab.pods();
    expect(pod!.metadata.labels).toEqual({
      app: "web",
      "apps.kubernetes.io/pod-index": "0",
      "controller-revision-hash": (await revisions())[0]!.metadata.name,
      "statefulset.kubernetes.io/pod-name": "web-0",
    });
    expect(pod!.spec).toMatchObject({ hostname: "web-0", subdomain: "web" });
  });

  test("makes all at once where its pods are managed in parallel", async () => {
    await create(web({ replicas: 3, podManagementPolicy: "Parallel" }));
    await cluster.settle();
    expect(await names()).toEqual(["web-0", "web-1", "web-2"]);
    await scale(0);
    await cluster.settle();
    expect(await names()).toEqual([]);
  });

  test("counts from its first ordinal", async () => {
    await create(web({ replicas: 2, ordinals: { start: 5 } }));
    await cluster.settle();
    await allReady();
    expect(await names()).toEqual(["web-5", "web-6"]);
  });

  test("loses its pods from the top, one after the other", async () => {
    await create(web({ replicas: 3 }));
    for (let round = 0; round < 4; round++) await allReady();
    await hold("web-2");
    await scale(1);
    await cluster.settle();
    expect(await names()).toEqual(["web-0", "web-1", "web-2"]);

    await letGo("web-2");
    await cluster.settle();
    expect(await names()).toEqual(["web-0"]);
    expect(await lab.told("StatefulSet")).toContain(
      "SuccessfulDelete delete Pod web-1 in StatefulSet web successful",
    );
  });

  test("does not shrink while one of the pods that stay is not ready", async () => {
    await create(web({ replicas: 3 }));
    for (let round = 0; round < 4; round++) await allReady();
    await lab.makeUnready((await lab.pods())[0]!);
    await scale(1);
    await cluster.pass(60_000, 30_000);
    expect(await names()).toEqual(["web-0", "web-1", "web-2"]);
  });

  test("replaces a pod under its name only when the old one is gone", async () => {
    await create(web({ replicas: 1 }));
    await allReady();
    const [before] = await lab.pods();
    await hold("web-0");
    await cluster.client.delete(Pod, "default", "web-0");
    await cluster.pass(3 * 3_600_000, 3_600_000);
    expect((await lab.pods())[0]!.metadata.uid).toBe(before!.metadata.uid);

    await letGo("web-0");
    await cluster.settle();
    expect((await lab.pods())[0]!.metadata.uid).not.toBe(before!.metadata.uid);
  });

  test("replaces a pod that has failed or ended", async () => {
    await create(web({ replicas: 1 }));
    for (const phase of ["Failed", "Succeeded"] as const) {
      await allReady();
      const [before] = await lab.pods();
      await lab.end(before!, phase);
      await cluster.settle();
      const [after] = await lab.pods();
      expect(after!.metadata.name).toBe("web-0");
      expect(after!.metadata.uid).not.toBe(before!.metadata.uid);
    }
    expect(await lab.told("StatefulSet")).toEqual(
      expect.arrayContaining([
        "RecreatingFailedPod StatefulSet default/web is recreating failed Pod web-0",
        "RecreatingTerminatedPod StatefulSet default/web is recreating terminated Pod web-0",
      ]),
    );
  });

  test("waits minReadySeconds before it goes on", async () => {
    await create(web({ replicas: 2, minReadySeconds: 30 }));
    await allReady();
    expect(await names()).toEqual(["web-0"]);
    expect((await get()).status).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    cluster.clock.advance(30_000);
    await cluster.settle();
    expect(await names()).toEqual(["web-0", "web-1"]);
    expect((await get()).status).toMatchObject({ availableReplicas: 1 });
  });

  test("adopts a pod with a name it would give, and no other", async () => {
    for (const name of ["web-0", "web-x", "other-0"]) await create0(name);
    await create(web({ replicas: 1 }));
    await cluster.settle();

    const owned = (await lab.podsOf("web")).map(nameOf);
    expect(owned).toEqual(["web-0"]);
    expect(await names()).toEqual(["other-0", "web-0", "web-x"]);
    const [, pod] = await lab.pods();
    expect(pod!.metadata.labels).toMatchObject({ app: "web" });
  });

  test("does not take the name of another's pod", async () => {
    await cluster.client.create(Pod, "default", {
      metadata: { name: "web-0", labels: { app: "other" } },
      spec: { containers: [{ name: "main", image: "nginx" }] },
    });
    await create(web({ replicas: 1 }));
    await cluster.pass(60_000, 30_000);
    expect(await lab.podsOf("web")).toEqual([]);

    await cluster.client.delete(Pod, "default", "web-0");
    await cluster.pass(1_200_000, 300_000);
    expect((await lab.podsOf("web")).map(nameOf)).toEqual(["web-0"]);
  });

  test("makes each pod once, though every write meets a conflict and watches are cut", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await create(web({ replicas: 3, podManagementPolicy: "Parallel" }));
    for (let cuts = 0; cuts < 20; cuts++) {
      cluster.network.cutWatches();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await cluster.pass(60_000, 30_000);
    expect(await names()).toEqual(["web-0", "web-1", "web-2"]);
    expect(await revisions()).toHaveLength(1);
  });

  test("carries on after the server was away for hours", async () => {
    await create(web({ replicas: 2 }));
    await allReady();
    cluster.network.fault = unreachable;
    cluster.network.cutWatches();
    cluster.clock.advance(5 * 3_600_000);
    cluster.network.fault = undefined;
    await cluster.pass(120_000, 30_000);
    await allReady();
    expect(await names()).toEqual(["web-0", "web-1"]);
    expect((await get()).status).toMatchObject({ readyReplicas: 2 });
  });

  test("waits for the pods of its namesake after it was deleted and made again", async () => {
    await create(web({ replicas: 1 }));
    await allReady();
    const [before] = await lab.pods();
    await cluster.client.delete(StatefulSet, "default", "web", { propagationPolicy: "Background" });
    const again = await create(web({ replicas: 1 }));
    await cluster.settle();
    expect((await lab.pods())[0]!.metadata.uid).toBe(before!.metadata.uid);

    await cluster.client.delete(Pod, "default", "web-0");
    await cluster.pass(1_200_000, 300_000);
    const [pod] = await lab.pods();
    expect(controllerOf(pod!)?.uid).toBe(again.metadata.uid);
  });
});

describe("the claims of a StatefulSet", () => {
  test("are made before the pod, with its name, and stay when it goes", async () => {
    await create(web({ replicas: 2, volumeClaimTemplates: claims }));
    await allReady();
    await allReady();
    expect(await claimsThere()).toEqual(["www-web-0", "www-web-1"]);
    const [pod] = await lab.pods();
    expect(pod!.spec.volumes).toContainEqual({
      name: "www",
      persistentVolumeClaim: { claimName: "www-web-0" },
    });
    const claim = await cluster.client.get(PersistentVolumeClaim, "default", "www-web-0");
    expect(claim.metadata.labels).toEqual({ app: "web" });
    expect(claim.metadata.ownerReferences).toBeUndefined();
    expect(await lab.told("StatefulSet")).toContain(
      "SuccessfulCreate create Claim www-web-0 Pod web-0 in StatefulSet web success",
    );

    await scale(0);
    await cluster.settle();
    expect(await claimsThere()).toEqual(["www-web-0", "www-web-1"]);
  });

  test("belong to the set where they are to go with it", async () => {
    const policy = { whenDeleted: "Delete", whenScaled: "Retain" };
    const set = await create(
      web({
        replicas: 1,
        volumeClaimTemplates: claims,
        persistentVolumeClaimRetentionPolicy: policy,
      }),
    );
    await allReady();
    const claim = await cluster.client.get(PersistentVolumeClaim, "default", "www-web-0");
    expect(claim.metadata.ownerReferences).toEqual([
      { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: set.metadata.uid },
    ]);
  });

  test("belong to the pod that is scaled away where they are to go with it", async () => {
    const policy = { whenDeleted: "Retain", whenScaled: "Delete" };
    await create(
      web({
        replicas: 2,
        volumeClaimTemplates: claims,
        persistentVolumeClaimRetentionPolicy: policy,
      }),
    );
    await allReady();
    await allReady();
    await allReady();
    const pod = (await lab.pods())[1]!;
    await hold("web-1");
    await scale(1);
    await cluster.settle();
    const owners = async () =>
      (await cluster.client.get(PersistentVolumeClaim, "default", "www-web-1")).metadata
        .ownerReferences;
    expect(await owners()).toEqual([
      { apiVersion: "v1", kind: "Pod", name: "web-1", uid: pod.metadata.uid },
    ]);
  });
});

describe("a rolling update of a StatefulSet", () => {
  test("goes from the last to the first, each when the one before is ready", async () => {
    await create(web({ replicas: 3 }));
    for (let round = 0; round < 4; round++) await allReady();
    const before = (await get()).status?.currentRevision;
    await setImage("nginx:2");
    await cluster.settle();
    expect(await images()).toEqual(["nginx:1", "nginx:1", "nginx:2"]);
    await cluster.pass(60_000, 30_000);
    expect(await images()).toEqual(["nginx:1", "nginx:1", "nginx:2"]);
    expect((await get()).status).toMatchObject({
      currentRevision: before,
      currentReplicas: 2,
      updatedReplicas: 1,
    });
    await allReady();
    expect(await images()).toEqual(["nginx:1", "nginx:2", "nginx:2"]);
    await allReady();
    await allReady();
    expect(await images()).toEqual(["nginx:2", "nginx:2", "nginx:2"]);
    const { status } = await get();
    expect(status?.currentRevision).toBe(status?.updateRevision);
    expect(status?.currentRevision).not.toBe(before);
  });

  test("leaves alone what is below the partition, and makes that anew as it was", async () => {
    await create(web({ replicas: 3 }));
    for (let round = 0; round < 4; round++) await allReady();
    await cluster.client.patch(StatefulSet, "default", "web", {
      spec: { updateStrategy: { rollingUpdate: { partition: 2 } } },
    });
    await setImage("nginx:2");
    for (let round = 0; round < 3; round++) await allReady();
    expect(await images()).toEqual(["nginx:1", "nginx:1", "nginx:2"]);

    await cluster.client.delete(Pod, "default", "web-0");
    await cluster.settle();
    expect(await images()).toEqual(["nginx:1", "nginx:1", "nginx:2"]);
  });

  test("waits for hands where the strategy is OnDelete", async () => {
    await create(web({ replicas: 2, updateStrategy: { type: "OnDelete" } }));
    for (let round = 0; round < 3; round++) await allReady();
    await setImage("nginx:2");
    await cluster.pass(60_000, 30_000);
    expect(await images()).toEqual(["nginx:1", "nginx:1"]);
    await cluster.client.delete(Pod, "default", "web-0");
    await cluster.settle();
    expect(await images()).toEqual(["nginx:2", "nginx:1"]);
  });

  test("is stuck at a pod that never becomes ready, even when the template is put right", async () => {
    await create(web({ replicas: 2 }));
    for (let round = 0; round < 3; round++) await allReady();
    await setImage("broken");
    await cluster.settle();
    expect(await images()).toEqual(["nginx:1", "broken"]);
    await setImage("nginx:3");
    await cluster.pass(3_600_000, 1_800_000);
    expect(await images()).toEqual(["nginx:1", "broken"]);

    await cluster.client.delete(Pod, "default", "web-1");
    await cluster.settle();
    expect(await images()).toEqual(["nginx:1", "nginx:3"]);
  });

  test("goes back to an old template under its old name, with a new number", async () => {
    await create(web({ replicas: 1 }));
    await allReady();
    const [first] = await revisions();
    await setImage("nginx:2");
    await allReady();
    await cluster.client.patch(StatefulSet, "default", "web", first!.data!);
    await allReady();
    await allReady();
    expect(await images()).toEqual(["nginx:1"]);
    const kept = (await revisions()).map(({ metadata, revision }) => [metadata.name, revision]);
    expect(kept).toHaveLength(2);
    expect(kept).toContainEqual([first!.metadata.name, 3]);
    expect((await get()).status?.currentRevision).toBe(first!.metadata.name);
  });
});

const claims = [
  {
    metadata: { name: "www" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
];

function web(spec: Partial<StatefulSet["spec"]>) {
  return {
    metadata: { name: "web" },
    spec: {
      serviceName: "web",
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "main", image: "nginx:1" }] },
      },
      ...spec,
    },
  };
}

const create = (set: ReturnType<typeof web>) => cluster.client.create(StatefulSet, "default", set);
const get = () => cluster.client.get(StatefulSet, "default", "web");
const nameOf = ({ metadata }: Pod) => metadata.name;
const names = async () => (await lab.pods()).map(nameOf);
const images = async () => (await lab.pods()).map(({ spec }) => spec.containers[0]!.image);
const scale = (replicas: number) =>
  cluster.client.patch(StatefulSet, "default", "web", { spec: { replicas } });

async function create0(name: string) {
  await cluster.client.create(Pod, "default", {
    metadata: { name, labels: { app: "web" } },
    spec: { containers: [{ name: "main", image: "nginx" }] },
  });
}

async function setImage(image: string) {
  const containers = [{ name: "main", image }];
  await cluster.client.patch(StatefulSet, "default", "web", {
    spec: { template: { spec: { containers } } },
  });
}

/** As a node that does not answer: the pod stays when it is deleted. */
async function hold(name: string) {
  const metadata = { finalizers: ["example.com/hold"] };
  await cluster.client.patch(Pod, "default", name, { metadata });
}

async function letGo(name: string) {
  await cluster.client.patch(
    Pod,
    "default",
    name,
    [{ op: "remove", path: "/metadata/finalizers" }],
    {
      type: "json",
    },
  );
}

async function claimsThere(): Promise<string[]> {
  const { items } = await cluster.client.list(PersistentVolumeClaim, { namespace: "default" });
  return items.map(({ metadata }) => metadata.name).sort();
}

async function revisions(): Promise<ControllerRevision[]> {
  return (await cluster.client.list(ControllerRevision, { namespace: "default" })).items;
}

/** Every pod there is runs, and the controller has had time to see it. */
async function allReady() {
  await cluster.settle();
  for (const pod of await lab.pods()) {
    if (pod.metadata.deletionTimestamp === undefined) await lab.makeReady(pod);
  }
  await cluster.settle();
}
