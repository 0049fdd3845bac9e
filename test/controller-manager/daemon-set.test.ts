import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ControllerRevision } from "../../src/api/apps/controller-revision.ts";
import { DaemonSet } from "../../src/api/apps/daemon-set.ts";
import { Node } from "../../src/api/node.ts";
import { controllerOf } from "../../src/api/owner.ts";
import { Pod } from "../../src/api/pod.ts";
import { runController } from "../../src/client/control-loop.ts";
import { targetNodeOf } from "../../src/controller-manager/daemon-set/daemon-pod.ts";
import { daemonSetController } from "../../src/controller-manager/daemon-set.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite, unreachable } from "../support/faulty-transport.ts";
import { WorkloadLab } from "./workload-lab.ts";

let cluster: Cluster;
let lab: WorkloadLab;
beforeEach(async () => {
  cluster = await startCluster({
    controllers: [(context) => runController(daemonSetController(context.clock), context)],
  });
  lab = new WorkloadLab(cluster);
  for (const name of ["a", "b", "c"])
    await lab.addNode(name, { disk: name === "a" ? "ssd" : "hdd" });
});
afterEach(() => cluster.stop());

describe("a DaemonSet", () => {
  test("has one pod on every node, meant for it by affinity", async () => {
    await create(logs());
    await cluster.settle();

    const pods = await lab.podsOf("logs");
    expect(pods.map(targetNodeOf).sort()).toEqual(["a", "b", "c"]);
    const [revision] = await revisions();
    expect(pods[0]!.metadata.labels).toEqual({
      app: "logs",
      "controller-revision-hash": revision!.metadata.labels?.["controller-revision-hash"],
      "pod-template-generation": "1",
    });
    const terms =
      pods[0]!.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    expect(terms?.nodeSelectorTerms).toEqual([
      {
        matchFields: [{ key: "metadata.name", operator: "In", values: [targetNodeOf(pods[0]!)] }],
      },
    ]);
    expect(pods[0]!.spec.tolerations?.map(({ key, effect }) => `${key}:${effect}`)).toEqual([
      "node.kubernetes.io/not-ready:NoExecute",
      "node.kubernetes.io/unreachable:NoExecute",
      "node.kubernetes.io/disk-pressure:NoSchedule",
      "node.kubernetes.io/memory-pressure:NoSchedule",
      "node.kubernetes.io/pid-pressure:NoSchedule",
      "node.kubernetes.io/unschedulable:NoSchedule",
    ]);
    expect((await get()).status).toEqual({
      currentNumberScheduled: 3,
      numberMisscheduled: 0,
      desiredNumberScheduled: 3,
      numberReady: 0,
      observedGeneration: 1,
      updatedNumberScheduled: 3,
      numberUnavailable: 3,
    });
    const told = await lab.told("DaemonSet");
    expect(told.sort()).toEqual(
      pods.map(({ metadata }) => `SuccessfulCreate Created pod: ${metadata.name}`).sort(),
    );
  });

  test("tolerates a missing network only in the host's own", async () => {
    await create(logs({ spec: { hostNetwork: true } }));
    await cluster.settle();

    const [pod] = await lab.podsOf("logs");
    expect(pod!.spec.tolerations).toContainEqual({
      key: "node.kubernetes.io/network-unavailable",
      operator: "Exists",
      effect: "NoSchedule",
    });
  });

  test("follows the nodes that come and go", async () => {
    await create(logs());
    await cluster.settle();
    await lab.addNode("d");
    await cluster.client.delete(Node, "", "a");
    await cluster.settle();

    expect((await targets()).sort()).toEqual(["b", "c", "d"]);
  });

  test("keeps to the nodes its selector names, also when labels change", async () => {
    await create(logs({ spec: { nodeSelector: { disk: "ssd" } } }));
    await cluster.settle();
    expect(await targets()).toEqual(["a"]);

    await cluster.client.patch(Node, "", "a", { metadata: { labels: { disk: "hdd" } } });
    await cluster.client.patch(Node, "", "b", { metadata: { labels: { disk: "ssd" } } });
    await cluster.settle();
    expect(await targets()).toEqual(["b"]);
  });

  test("does not go where a taint keeps it off, and leaves only where one drives it out", async () => {
    await taint("a", { key: "gpu", effect: "NoSchedule" });
    await create(logs());
    await cluster.settle();
    expect((await targets()).sort()).toEqual(["b", "c"]);

    await taint("b", { key: "gpu", effect: "NoSchedule" });
    await taint("c", { key: "gpu", effect: "NoExecute" });
    await cluster.settle();
    expect(await targets()).toEqual(["b"]);
    expect((await get()).status).toMatchObject({
      desiredNumberScheduled: 0,
      currentNumberScheduled: 0,
      numberMisscheduled: 1,
    });
  });

  test("runs on nodes that are cordoned, not ready or unreachable", async () => {
    await cluster.client.patch(Node, "", "a", { spec: { unschedulable: true } });
    await taint("a", { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" });
    await taint("b", { key: "node.kubernetes.io/not-ready", effect: "NoExecute" });
    await taint("c", { key: "node.kubernetes.io/unreachable", effect: "NoExecute" });
    await create(logs());
    await cluster.settle();

    expect((await targets()).sort()).toEqual(["a", "b", "c"]);
  });

  test("replaces a failed pod at once, then ever more slowly", async () => {
    await create(logs({ spec: { nodeSelector: { disk: "ssd" } } }));
    await cluster.settle();
    const failOnce = async () => {
      const [pod] = await lab.podsOf("logs");
      await lab.end(pod!, "Failed");
      await cluster.settle();
      return pod!.metadata.name;
    };
    const first = await failOnce();
    expect((await lab.podsOf("logs")).map(nameOf)).not.toContain(first);
    const second = await failOnce();
    expect((await lab.podsOf("logs")).map(nameOf)).toContain(second);
    await cluster.pass(1_000, 1_000);
    expect((await lab.podsOf("logs")).map(nameOf)).not.toContain(second);
    const told = await lab.told("DaemonSet");
    expect(told).toContain(
      `FailedDaemonPod Found failed daemon pod default/${first} on node a, will try to kill it`,
    );
  });

  test("replaces a pod that has ended well, and says so", async () => {
    await create(logs({ spec: { nodeSelector: { disk: "ssd" } } }));
    await cluster.settle();
    const [pod] = await lab.podsOf("logs");
    await lab.end(pod!, "Succeeded");
    await cluster.settle();

    expect((await lab.podsOf("logs")).map(nameOf)).not.toContain(nameOf(pod!));
    expect(await lab.told("DaemonSet")).toContain(
      `SucceededDaemonPod Found succeeded daemon pod default/${nameOf(pod!)} on node a, will try to delete it`,
    );
  });

  test("adopts a pod on a node, and deletes the younger of two", async () => {
    const stray: Parameters<typeof cluster.client.create<Pod>>[2] = {
      metadata: { name: "stray", labels: { app: "logs" } },
      spec: { nodeName: "a", containers: [{ name: "main", image: "nginx" }] },
    };
    await cluster.client.create(Pod, "default", stray);
    await create(logs());
    await cluster.settle();

    expect((await targets()).sort()).toEqual(["a", "b", "c"]);
    expect((await lab.podsOf("logs")).map(nameOf)).toContain("stray");
  });

  test("releases a pod whose labels no longer match, and makes another", async () => {
    await create(logs());
    await cluster.settle();
    const [pod] = await lab.podsOf("logs");
    await cluster.client.patch(Pod, "default", nameOf(pod!), {
      metadata: { labels: { app: null } },
    });
    await cluster.settle();

    expect(controllerOf(await cluster.client.get(Pod, "default", nameOf(pod!)))).toBeUndefined();
    expect((await targets()).sort()).toEqual(["a", "b", "c"]);
  });

  test("creates each pod once, though every write meets a conflict first and watches are cut", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await create(logs());
    for (let cuts = 0; cuts < 20; cuts++) {
      cluster.network.cutWatches();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await cluster.pass(60_000, 30_000);

    expect((await targets()).sort()).toEqual(["a", "b", "c"]);
    expect(await lab.pods()).toHaveLength(3);
    expect(await revisions()).toHaveLength(1);
  });

  test("carries on after the server was away for hours", async () => {
    await create(logs());
    await cluster.settle();
    cluster.network.fault = unreachable;
    cluster.network.cutWatches();
    await lab.addNode("d");
    cluster.clock.advance(5 * 3_600_000);
    cluster.network.fault = undefined;
    await cluster.pass(120_000, 30_000);

    expect((await targets()).sort()).toEqual(["a", "b", "c", "d"]);
  });

  test("leaves the pods of its namesake alone after it was deleted and made again", async () => {
    await create(logs());
    await cluster.settle();
    const before = (await lab.pods()).map(nameOf);
    await cluster.client.delete(DaemonSet, "default", "logs", { propagationPolicy: "Background" });
    const again = await create(logs());
    await cluster.settle();

    const mine = (await lab.pods()).filter((pod) => controllerOf(pod)?.uid === again.metadata.uid);
    expect(mine.map(targetNodeOf).sort()).toEqual(["a", "b", "c"]);
    expect(mine.map(nameOf).filter((name) => before.includes(name))).toEqual([]);
  });

  test("takes in the pods it left behind when it was deleted without them", async () => {
    await create(logs());
    await cluster.settle();
    const before = (await lab.pods()).map(nameOf);
    for (const pod of await lab.pods()) {
      await cluster.client.patch(
        Pod,
        "default",
        nameOf(pod),
        [{ op: "remove", path: "/metadata/ownerReferences" }],
        { type: "json" },
      );
    }
    await cluster.settle();

    expect((await lab.podsOf("logs")).map(nameOf)).toEqual(before);
  });
});

describe("a rolling update of a DaemonSet", () => {
  test("replaces one pod at a time by default, and waits until the new one is available", async () => {
    await create(logs());
    await allReady();
    await setImage("nginx:2");
    await cluster.settle();
    const old = async () =>
      (await lab.podsOf("logs")).filter(({ spec }) => imageOf(spec) !== "nginx:2");
    expect(await old()).toHaveLength(2);
    await cluster.pass(60_000, 30_000);
    expect(await old()).toHaveLength(2);

    for (const left of [1, 0]) {
      await allReady();
      expect(await old()).toHaveLength(left);
    }
    await allReady();
    expect((await get()).status).toMatchObject({
      updatedNumberScheduled: 3,
      numberAvailable: 3,
      observedGeneration: 2,
    });
    expect((await lab.podsOf("logs"))[0]!.metadata.labels?.["pod-template-generation"]).toBe("2");
  });

  test("moves as many as maxUnavailable allows, in percent too", async () => {
    await create(logs({}, { rollingUpdate: { maxUnavailable: "50%" } }));
    await allReady();
    await setImage("nginx:2");
    await cluster.settle();

    const old = (await lab.podsOf("logs")).filter(({ spec }) => imageOf(spec) !== "nginx:2");
    expect(old).toHaveLength(1);
  });

  test("replaces first what does not work anyway", async () => {
    await create(logs());
    await allReady();
    const [, broken] = await lab.podsOf("logs");
    await lab.makeUnready(broken!);
    await setImage("nginx:2");
    await cluster.settle();

    const left = (await lab.podsOf("logs")).map(nameOf);
    expect(left).not.toContain(nameOf(broken!));
  });

  test("adds first where it may surge, and takes the old pod when the new one is available", async () => {
    await create(logs({}, { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }));
    await allReady();
    await setImage("nginx:2");
    await cluster.settle();
    expect(await lab.podsOf("logs")).toHaveLength(4);

    for (let round = 0; round < 4; round++) await allReady();
    const pods = await lab.podsOf("logs");
    expect(pods.map(targetNodeOf).sort()).toEqual(["a", "b", "c"]);
    expect(pods.map(({ spec }) => imageOf(spec))).toEqual(["nginx:2", "nginx:2", "nginx:2"]);
  });

  test("does not surge onto a node that is gone, though a pod of it is still there", async () => {
    await create(logs({}, { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }));
    await cluster.settle();
    for (const pod of await lab.podsOf("logs")) {
      const target = { apiVersion: "v1", kind: "Node", name: targetNodeOf(pod)! };
      const binding = { metadata: { name: nameOf(pod) }, target };
      await cluster.client.createSubresource(Pod, "default", nameOf(pod), "binding", binding);
    }
    await allReady();
    await cluster.client.delete(Node, "", "a");
    const before = cluster.network.requests.length;
    await setImage("nginx:2");
    for (let round = 0; round < 3; round++) await allReady();

    const ofA = (await lab.podsOf("logs")).filter((pod) => targetNodeOf(pod) === "a");
    expect(ofA.map(({ spec }) => imageOf(spec))).toEqual(["nginx:1"]);
    const created = cluster.network.requests.slice(before).filter(({ method, path }) => {
      return method === "POST" && path.endsWith("/pods");
    });
    expect(created).toHaveLength(2);
  });

  test("waits for hands where the strategy is OnDelete", async () => {
    await create(logs({}, { type: "OnDelete" }));
    await allReady();
    await setImage("nginx:2");
    await cluster.pass(60_000, 30_000);
    const [first, ...others] = await lab.podsOf("logs");
    expect((await get()).status).not.toHaveProperty("updatedNumberScheduled");

    await cluster.client.delete(Pod, "default", nameOf(first!));
    await cluster.settle();
    const names = (await lab.podsOf("logs")).map(nameOf);
    expect(names).toEqual(expect.arrayContaining(others.map(nameOf)));
    expect((await get()).status).toMatchObject({ updatedNumberScheduled: 1 });
  });

  test("goes back to an old template under its old name, with a new number", async () => {
    await create(logs());
    await allReady();
    const [first] = await revisions();
    await setImage("nginx:2");
    await cluster.settle();
    await cluster.client.patch(DaemonSet, "default", "logs", first!.data!);
    for (let round = 0; round < 4; round++) await allReady();

    const kept = await revisions();
    expect(kept.map(({ metadata, revision }) => [metadata.name, revision])).toEqual(
      expect.arrayContaining([[first!.metadata.name, 3]]),
    );
    expect(kept).toHaveLength(2);
    expect((await lab.podsOf("logs")).map(({ spec }) => imageOf(spec))).toEqual(
      Array.from({ length: 3 }, () => "nginx:1"),
    );
  });

  test("keeps no more old revisions than its limit, and never loses one that a pod is of", async () => {
    const set = logs();
    await create({ ...set, spec: { ...set.spec, revisionHistoryLimit: 1 } });
    await allReady();
    for (const version of [2, 3, 4, 5]) {
      await setImage(`nginx:${version}`);
      await cluster.settle();
    }
    for (let round = 0; round < 6; round++) await allReady();

    expect((await revisions()).map(({ revision }) => revision).sort()).toEqual([4, 5]);
  });
});

type Strategy = NonNullable<DaemonSet["spec"]["updateStrategy"]>;

function logs({ spec = {} }: { spec?: object } = {}, updateStrategy: Strategy = {}) {
  return {
    metadata: { name: "logs" },
    spec: {
      selector: { matchLabels: { app: "logs" } },
      updateStrategy,
      template: {
        metadata: { labels: { app: "logs" } },
        spec: { containers: [{ name: "main", image: "nginx:1" }], ...spec },
      },
    },
  };
}

const create = (set: Parameters<typeof cluster.client.create<DaemonSet>>[2]) =>
  cluster.client.create(DaemonSet, "default", set);
const get = () => cluster.client.get(DaemonSet, "default", "logs");
const nameOf = ({ metadata }: Pod) => metadata.name;
const imageOf = ({ containers }: Pod["spec"]) => containers[0]!.image;
const targets = async () => (await lab.podsOf("logs")).map(targetNodeOf);

async function taint(name: string, { key, effect }: { key: string; effect: string }) {
  await cluster.client.patch(Node, "", name, { spec: { taints: [{ key, effect }] } });
}

async function revisions(): Promise<ControllerRevision[]> {
  return (await cluster.client.list(ControllerRevision, { namespace: "default" })).items;
}

async function setImage(image: string) {
  const containers = [{ name: "main", image }];
  await cluster.client.patch(DaemonSet, "default", "logs", {
    spec: { template: { spec: { containers } } },
  });
}

/** Every pod there is runs, and the controller has had time to see it. */
async function allReady() {
  await cluster.settle();
  for (const pod of await lab.podsOf("logs")) await lab.makeReady(pod);
  await cluster.settle();
}
