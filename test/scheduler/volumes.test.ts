import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Node } from "../../src/api/node.ts";
import { PersistentVolume } from "../../src/api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../src/api/persistent-volume-claim.ts";
import { Pod } from "../../src/api/pod.ts";
import { CSINode } from "../../src/api/storage/csi-node.ts";
import { StorageClass } from "../../src/api/storage/storage-class.ts";
import { startPersistentVolumeBinder } from "../../src/controller-manager/persistent-volume-binder.ts";
import { readPolicy } from "../../src/scheduler/policy.ts";
import { startScheduler } from "../../src/scheduler/scheduler.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { aNode } from "./made-up-cluster.ts";

let cluster: Cluster;
beforeEach(async () => {
  cluster = await startCluster({ controllers: [startPersistentVolumeBinder] });
  await startScheduler(cluster.context);
  for (const name of ["node1", "node2"]) await cluster.client.create(Node, "", aNode(name));
});
afterEach(() => cluster.stop());

const ZONE = "topology.kubernetes.io/zone";

type Draft = Record<string, unknown>;

describe("a pod with volumes", () => {
  test("waits for a claim that is not there", async () => {
    await pod("web", "data");
    await isWaiting("web", '0/2 nodes are available: persistentvolumeclaim "data" not found.');
    await claim("data");
    await volume("one", "node2");
    await goesTo("web", "node2");
  });

  test("waits for a claim without a volume, and goes where the volume is", async () => {
    await claim("data");
    await pod("web", "data");
    await isWaiting(
      "web",
      "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
    );
    await volume("one", "node2");
    await goesTo("web", "node2");
  });

  test("cannot go where its volume is, if that node is not there", async () => {
    await volume("one", "node9");
    await claim("data");
    await pod("web", "data");
    await isWaiting("web", "0/2 nodes are available: 2 node(s) had volume node affinity conflict.");
  });

  test("has its volume made where it goes, and is bound after that", async () => {
    await lateClass("late", "kubernetes.io/host-path");
    await claim("data", { storageClassName: "late" });
    await pod("web", "data", { nodeSelector: { "kubernetes.io/hostname": "node2" } });
    await goesTo("web", "node2");

    const { metadata, spec, status } = await getClaim("data");
    expect(metadata.annotations?.["volume.kubernetes.io/selected-node"]).toBe("node2");
    expect(status?.phase).toBe("Bound");
    const made = await cluster.client.get(PersistentVolume, "", spec.volumeName ?? "");
    expect(made.spec.nodeAffinity?.required?.nodeSelectorTerms).toMatchObject([
      { matchExpressions: [{ values: ["node2"] }] },
    ]);
  });

  test("is bound without them where a policy does not ask for the check of volumes", async () => {
    const { profile } = readPolicy('{"predicates": [{"name": "PodFitsResources"}]}');
    await startScheduler(cluster.context, { profiles: [{ ...profile, name: "plain" }] });
    await lateClass("late", "kubernetes.io/host-path");
    await claim("data", { storageClassName: "late" });
    await pod("web", "data", { schedulerName: "plain" });
    await eventually(async () => expect((await getPod("web")).spec.nodeName).toBeDefined());
    const { metadata, status } = await getClaim("data");
    expect(metadata.annotations?.["volume.kubernetes.io/selected-node"]).toBeUndefined();
    expect(status?.phase).toBe("Pending");
  });

  test("takes a volume that waits on some node, where none can be made", async () => {
    await lateClass("local", "kubernetes.io/no-provisioner");
    await claim("data", { storageClassName: "local" });
    await pod("web", "data");
    await isWaiting(
      "web",
      "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind.",
    );
    await volume("one", "node1", { storageClassName: "local" });
    await goesTo("web", "node1");
    expect((await getClaim("data")).spec.volumeName).toBe("one");
  });

  test("does not share what is for one pod only", async () => {
    await volume("one", "node1", { accessModes: ["ReadWriteOncePod"] });
    await claim("data", { accessModes: ["ReadWriteOncePod"] });
    await pod("first", "data");
    await goesTo("first", "node1");
    await pod("second", "data");
    await isWaiting(
      "second",
      "0/2 nodes are available: node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod.",
    );
    await cluster.client.delete(Pod, "default", "first", { gracePeriodSeconds: 0 });
    await goesTo("second", "node1");
  });
});

describe("a pod with a volume that a driver attaches", () => {
  const csi = (volumeHandle: string) => ({
    csi: { driver: "csi.example.com", volumeHandle },
    local: undefined,
    nodeAffinity: undefined,
  });

  test("goes where there is room for one more, and waits where there is none", async () => {
    for (const name of ["node1", "node2"]) await driver(name, 1);
    for (const name of ["one", "two", "three"]) {
      await volume(name, "", csi(name));
      await claim(name, { volumeName: name });
    }
    await pod("first", "one", { nodeSelector: { "kubernetes.io/hostname": "node1" } });
    await goesTo("first", "node1");
    await pod("second", "two");
    await goesTo("second", "node2");
    await pod("third", "three");
    await isWaiting("third", "0/2 nodes are available: 2 node(s) exceed max volume count.");
    await cluster.client.delete(Pod, "default", "first", { gracePeriodSeconds: 0 });
    await goesTo("third", "node1");
  });

  test("is tried again when the driver comes to attach more", async () => {
    for (const name of ["node1", "node2"]) await driver(name, 0);
    await volume("one", "", csi("one"));
    await claim("one", { volumeName: "one" });
    await pod("web", "one");
    await isWaiting("web", "0/2 nodes are available: 2 node(s) exceed max volume count.");
    await cluster.client.delete(CSINode, "", "node2");
    await driver("node2", 1);
    await goesTo("web", "node2");
  });

  test("goes to the zone of the volume", async () => {
    await inZone("node1", "a1");
    await inZone("node2", "a2");
    await volume("one", "", csi("one"), { [ZONE]: "a3" });
    await claim("one", { volumeName: "one" });
    await pod("web", "one");
    await isWaiting("web", "0/2 nodes are available: 2 node(s) had no available volume zone.");
    await inZone("node2", "a3");
    await goesTo("web", "node2");
  });
});

async function goesTo(name: string, node: string): Promise<void> {
  await eventually(async () => {
    // What could not go waits a while before it is tried again.
    cluster.clock.advance(5_000);
    await cluster.settle();
    expect((await getPod(name)).spec.nodeName).toBe(node);
  });
}

async function isWaiting(name: string, message: string): Promise<void> {
  await eventually(async () => {
    const { conditions = [] } = (await getPod(name)).status ?? {};
    const scheduled = conditions.find(({ type }) => type === "PodScheduled");
    expect(scheduled?.message).toContain(message);
  });
}

const getPod = (name: string) => cluster.client.get(Pod, "default", name);
const getClaim = (name: string) => cluster.client.get(PersistentVolumeClaim, "default", name);

async function pod(name: string, claimName: string, more: Draft = {}): Promise<void> {
  await cluster.client.create(Pod, "default", {
    metadata: { name },
    spec: {
      containers: [{ name: "a", image: "b" }],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName } }],
      ...more,
    },
  } as never);
}

async function claim(name: string, more: Draft = {}): Promise<void> {
  const resources = { requests: { storage: "1Gi" } };
  const spec = { accessModes: ["ReadWriteOnce"], resources, ...more };
  await cluster.client.create(PersistentVolumeClaim, "default", { metadata: { name }, spec });
}

async function driver(name: string, count: number): Promise<void> {
  const drivers = [{ name: "csi.example.com", nodeID: name, allocatable: { count } }];
  await cluster.client.create(CSINode, "", { metadata: { name }, spec: { drivers } });
}

async function inZone(name: string, zone: string): Promise<void> {
  await cluster.client.patch(Node, "", name, { metadata: { labels: { [ZONE]: zone } } });
}

async function volume(
  name: string,
  node: string,
  more: Draft = {},
  labels: Record<string, string> = {},
): Promise<void> {
  const matchExpressions = [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }];
  await cluster.client.create(PersistentVolume, "", {
    metadata: { name, labels },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      local: { path: "/srv" },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
      ...more,
    },
  } as never);
}

async function lateClass(name: string, provisioner: string): Promise<void> {
  const volumeBindingMode = "WaitForFirstConsumer";
  await cluster.client.create(StorageClass, "", {
    metadata: { name },
    provisioner,
    volumeBindingMode,
  });
}
