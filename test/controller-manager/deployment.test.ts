import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Deployment } from "../../src/api/apps/deployment.ts";
import { ReplicaSet } from "../../src/api/apps/replica-set.ts";
import { controllerOf } from "../../src/api/owner.ts";
import { Pod } from "../../src/api/pod.ts";
import { deploymentController } from "../../src/controller-manager/deployment.ts";
import { startGarbageCollector } from "../../src/controller-manager/garbage-collector.ts";
import { replicaSetController } from "../../src/controller-manager/replica-set.ts";
import { TEMPLATE_HASH_LABEL, templateHash } from "../../src/controller-manager/template-hash.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";
import { revision, stepsOn, web } from "./deployment-steps.ts";

let cluster: Cluster;
beforeEach(async () => {
  cluster = await startCluster({ controllers: [deploymentController, replicaSetController] });
});
afterEach(() => cluster.stop());

const on = stepsOn(() => cluster);

describe("a Deployment", () => {
  test("makes a ReplicaSet named by the hash of its template, and tells of it", async () => {
    await on.create();
    await cluster.settle();

    const [only, ...others] = await on.replicaSets();
    expect(others).toEqual([]);
    const hash = only!.metadata.labels![TEMPLATE_HASH_LABEL]!;
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5,10}$/);
    expect(only!.metadata).toMatchObject({
      name: `web-${hash}`,
      labels: { app: "web" },
      annotations: {
        "deployment.kubernetes.io/revision": "1",
        "deployment.kubernetes.io/desired-replicas": "3",
        "deployment.kubernetes.io/max-replicas": "4",
      },
      ownerReferences: [{ kind: "Deployment", name: "web", controller: true }],
    });
    expect(only!.spec.selector).toEqual({
      matchLabels: { app: "web", [TEMPLATE_HASH_LABEL]: hash },
    });
    expect(await on.pods()).toHaveLength(3);
    expect(await on.told("ScalingReplicaSet")).toEqual([`Scaled up replica set web-${hash} to 3`]);
  });

  test("says how it gets on, from the first look to the last pod", async () => {
    await on.create();
    await cluster.settle();
    const [only] = await on.replicaSets();
    const { name } = only!.metadata;
    const before = await on.get();
    expect(before.metadata.annotations).toEqual({ "deployment.kubernetes.io/revision": "1" });
    expect(before.status).toMatchObject({
      replicas: 3,
      updatedReplicas: 3,
      unavailableReplicas: 3,
    });
    expect(await on.condition("Progressing")).toMatchObject({
      status: "True",
      reason: "ReplicaSetUpdated",
      message: `ReplicaSet "${name}" is progressing.`,
    });
    expect(await on.condition("Available")).toMatchObject({
      status: "False",
      reason: "MinimumReplicasUnavailable",
      message: "Deployment does not have minimum availability.",
    });

    await on.runPods();
    const after = await on.get();
    const { conditions, ...counts } = after.status!;
    expect(counts).toEqual({
      observedGeneration: after.metadata.generation,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    });
    expect(conditions).toHaveLength(2);
    expect(await on.condition("Progressing")).toMatchObject({
      status: "True",
      reason: "NewReplicaSetAvailable",
      message: `ReplicaSet "${name}" has successfully progressed.`,
    });
    expect(await on.condition("Available")).toMatchObject({
      status: "True",
      reason: "MinimumReplicasAvailable",
      message: "Deployment has minimum availability.",
    });
  });

  test("gives way pod by pod when its template changes, and keeps the old ReplicaSet", async () => {
    await on.create({ replicas: 4 });
    await on.runPods();
    await on.setImage("web:2");
    await cluster.settle();
    expect(await on.sizes()).toEqual([3, 2]);
    await on.runPods();

    expect(await on.sizes()).toEqual([0, 4]);
    const images = (await on.pods()).map(({ spec }) => spec.containers[0]!.image);
    expect(images).toEqual(Array(4).fill("web:2"));
    const [old, young] = (await on.replicaSets()).map(({ metadata }) => metadata.name);
    const told = await on.told("ScalingReplicaSet");
    expect(told).toContain(`Scaled up replica set ${young} to 1`);
    expect(told).toContain(`Scaled down replica set ${old} to 3 from 4`);
    expect(told).toContain(`Scaled up replica set ${young} to 2 from 1`);
  });

  test("with maxSurge 0 takes away before it adds", async () => {
    const rollingUpdate = { maxSurge: 0, maxUnavailable: 1 };
    await on.create({ strategy: { type: "RollingUpdate", rollingUpdate } });
    await on.runPods();
    await on.setImage("web:2");
    await cluster.settle();

    expect(await on.sizes()).toEqual([2, 1]);
    expect(await on.pods()).toHaveLength(3);
  });

  test("moves by one where its percentages come to nothing", async () => {
    const rollingUpdate = { maxSurge: "0%", maxUnavailable: "10%" };
    await on.create({ strategy: { type: "RollingUpdate", rollingUpdate } });
    await on.runPods();
    await on.setImage("web:2");
    await on.runPods();

    expect(await on.sizes()).toEqual([0, 3]);
  });

  test("goes on with a third version before the second has arrived", async () => {
    await on.create();
    await on.runPods();
    await on.setImage("web:2");
    await cluster.settle();
    await on.setImage("web:3");
    await on.runPods();

    expect(await on.sizes()).toEqual([0, 0, 3]);
  });

  test("of the strategy Recreate makes no new pod before the last old one is gone", async () => {
    await on.create({ strategy: { type: "Recreate" }, replicas: 2 });
    await on.runPods();
    const holds = (await on.pods()).map(({ metadata }) => metadata.name);
    for (const name of holds) {
      await cluster.client.patch(Pod, "default", name, {
        metadata: { finalizers: ["example.com/hold"] },
      });
    }
    await on.setImage("web:2");
    await cluster.settle();
    expect(await on.sizes()).toEqual([0]);
    expect(await on.pods()).toEqual([]);

    for (const name of holds) {
      const finalizers = { metadata: { finalizers: null } };
      await cluster.client.patch(Pod, "default", name, finalizers, { type: "merge" });
    }
    await on.runPods();
    expect(await on.sizes()).toEqual([0, 2]);
  });

  test("that goes back to an old template takes its old ReplicaSet, under a new revision", async () => {
    await on.create();
    await on.runPods();
    await on.setImage("web:2");
    await on.runPods();
    await on.setImage("web:1");
    await on.runPods();

    const sets = await on.replicaSets();
    expect(sets.map(revision)).toEqual([2, 3]);
    expect(sets.map(({ spec }) => spec.replicas)).toEqual([0, 3]);
    expect(sets[1]!.metadata.annotations).toMatchObject({
      "deployment.kubernetes.io/revision-history": "1",
    });
    expect((await on.get()).metadata.annotations).toMatchObject({
      "deployment.kubernetes.io/revision": "3",
    });
  });

  test("keeps no more old versions than its history may be long", async () => {
    await on.create({ revisionHistoryLimit: 1, replicas: 1 });
    for (const image of ["web:1", "web:2", "web:3", "web:4"]) {
      await on.setImage(image);
      await on.runPods();
    }
    expect((await on.replicaSets()).map(revision)).toEqual([3, 4]);
  });

  test("that is paused changes no version, but can be scaled; resumed it goes on", async () => {
    await on.create({ replicas: 4 });
    await on.runPods();
    await on.change({ paused: true });
    await on.setImage("web:2");
    await cluster.settle();
    expect(await on.sizes()).toEqual([4]);
    expect(await on.condition("Progressing")).toMatchObject({
      status: "Unknown",
      reason: "DeploymentPaused",
      message: "Deployment is paused",
    });
    await on.change({ replicas: 6 });
    await cluster.settle();
    expect(await on.sizes()).toEqual([6]);

    await on.change({ paused: null });
    await on.runPods();
    expect(await on.sizes()).toEqual([0, 6]);
    expect(await on.condition("Progressing")).toMatchObject({ reason: "NewReplicaSetAvailable" });
  });

  test("that is scaled in the middle of an update gives each version its share", async () => {
    const rollingUpdate = { maxSurge: 3, maxUnavailable: 2 };
    await on.create({ replicas: 10, strategy: { type: "RollingUpdate", rollingUpdate } });
    await on.runPods();
    await on.setImage("web:2");
    await cluster.settle();
    expect(await on.sizes()).toEqual([8, 5]);
    await on.change({ replicas: 15 });
    await cluster.settle();

    expect(await on.sizes()).toEqual([11, 7]);
  });

  test("says that it is late when nothing has moved for its deadline, and then that it has arrived", async () => {
    await on.create({ progressDeadlineSeconds: 60 });
    await cluster.settle();
    await cluster.pass(55_000);
    expect(await on.condition("Progressing")).toMatchObject({ reason: "ReplicaSetUpdated" });
    await cluster.pass(10_000);
    const [only] = await on.replicaSets();
    expect(await on.condition("Progressing")).toMatchObject({
      status: "False",
      reason: "ProgressDeadlineExceeded",
      message: `ReplicaSet "${only!.metadata.name}" has timed out progressing.`,
    });

    await on.runPods();
    expect(await on.condition("Progressing")).toMatchObject({
      status: "True",
      reason: "NewReplicaSetAvailable",
    });
  });

  test("has arrived only when every pod is available, however many may be unavailable", async () => {
    const rollingUpdate = { maxSurge: 1, maxUnavailable: 2 };
    await on.create({ replicas: 4, strategy: { type: "RollingUpdate", rollingUpdate } });
    await cluster.settle();
    const [last, ...others] = await on.pods();
    for (const pod of others) await on.setReady(pod);
    await cluster.settle();
    expect(await on.condition("Available")).toMatchObject({ status: "True" });
    expect(await on.condition("Progressing")).toMatchObject({ reason: "ReplicaSetUpdated" });

    await on.setReady(last!);
    await cluster.settle();
    expect(await on.condition("Progressing")).toMatchObject({ reason: "NewReplicaSetAvailable" });
  });

  test("that has arrived is not late, though the clock move by hours and a pod be lost", async () => {
    await on.create();
    await on.runPods();
    cluster.clock.advance(6 * 3_600_000);
    await on.setReady((await on.pods())[0]!, false);
    await cluster.settle();

    expect(await on.condition("Progressing")).toMatchObject({ reason: "NewReplicaSetAvailable" });
    expect((await on.get()).status).toMatchObject({ availableReplicas: 2, unavailableReplicas: 1 });
  });

  test("waits minReadySeconds for each pod", async () => {
    await on.create({ replicas: 2, minReadySeconds: 30 });
    await on.runPods();
    await cluster.pass(35_000);
    await on.setImage("web:2");
    await on.runPods();
    expect(await on.sizes()).toEqual([2, 1]);
    await cluster.pass(35_000);
    await on.runPods();
    await cluster.pass(35_000);
    expect(await on.sizes()).toEqual([0, 2]);
  });

  test("passes its annotations on to the new ReplicaSet, and counts them as a change", async () => {
    const { metadata } = await on.create();
    expect(metadata.generation).toBe(1);
    await cluster.settle();
    const annotations = { "kubernetes.io/change-cause": "because" };
    const patched = await cluster.client.patch(Deployment, "default", "web", {
      metadata: { annotations },
    });
    await cluster.settle();

    expect(patched.metadata.generation).toBeGreaterThan(1);
    const [only] = await on.replicaSets();
    expect(only!.metadata.annotations).toMatchObject(annotations);
    expect(revision(only!)).toBe(1);
  });

  test("tells why its pods can't be made", async () => {
    cluster.network.fault = ({ method, path }) =>
      method === "POST" && path.endsWith("/pods") ? new Error("no pods today") : undefined;
    await on.create({ replicas: 1 });
    await expect
      .poll(() => on.condition("ReplicaFailure"))
      .toMatchObject({
        status: "True",
        reason: "FailedCreate",
        message: "no pods today",
      });
    cluster.network.fault = undefined;
    await on.runPods();
    expect(await on.condition("ReplicaFailure")).toBeUndefined();
  });

  test("takes another name where its own is taken by a ReplicaSet that is not its own", async () => {
    const template = (await on.create({ paused: true })).spec.template;
    const stranger = web().spec;
    await cluster.client.create(ReplicaSet, "default", {
      metadata: { name: `web-${templateHash(template)}` },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: "other" } },
        template: { ...stranger.template, metadata: { labels: { app: "other" } } },
      },
    });
    await on.change({ paused: null });
    await on.runPods();

    const own = (await on.replicaSets()).find((one) => controllerOf(one) !== undefined);
    expect(own!.metadata.name).toBe(`web-${templateHash(template, 1)}`);
    expect((await on.get()).status).toMatchObject({ collisionCount: 1, availableReplicas: 3 });
  });

  test("adopts a ReplicaSet that matches and has no owner, and releases one that matches no longer", async () => {
    const { template } = web().spec;
    const labels = { app: "web", by: "hand" };
    await cluster.client.create(ReplicaSet, "default", {
      metadata: { name: "by-hand", labels },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { ...template, metadata: { labels } },
      },
    });
    await on.create();
    await on.runPods();
    expect(await on.sizes()).toEqual([0, 3]);
    const byHand = await cluster.client.get(ReplicaSet, "default", "by-hand");
    expect(controllerOf(byHand)).toMatchObject({ kind: "Deployment", name: "web" });

    const patch = { metadata: { labels: { app: null } } };
    await cluster.client.patch(ReplicaSet, "default", "by-hand", patch, { type: "merge" });
    await cluster.settle();
    expect(
      controllerOf(await cluster.client.get(ReplicaSet, "default", "by-hand")),
    ).toBeUndefined();
  });

  test("makes its ReplicaSet again when somebody deletes it", async () => {
    await on.create();
    await on.runPods();
    const [only] = await on.replicaSets();
    await cluster.client.delete(ReplicaSet, "default", only!.metadata.name);
    await cluster.settle();

    const [again] = await on.replicaSets();
    expect(again!.metadata.uid).not.toBe(only!.metadata.uid);
    expect(again!.metadata.name).toBe(only!.metadata.name);
  });

  test("gets there though every write meets a conflict first", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await on.create();
    await on.runPods();
    await on.setImage("web:2");
    await on.runPods();

    expect(await on.sizes()).toEqual([0, 3]);
  });

  test("gets there though its watches are cut", async () => {
    await on.create();
    await cluster.settle();
    cluster.network.cutWatches();
    await on.setImage("web:2");
    await on.runPods();
    cluster.network.cutWatches();
    await on.runPods();

    expect(await on.sizes()).toEqual([0, 3]);
  });

  test("writes nothing more once it has arrived", async () => {
    await on.create();
    await on.runPods();
    cluster.network.requests.length = 0;
    await cluster.pass(60_000);
    const writes = cluster.network.requests.filter(({ method }) => method !== "GET");
    expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});

describe("a Deployment that is deleted", () => {
  test("and made again with the same name has ReplicaSets of its own", async () => {
    await cluster.stop();
    cluster = await startCluster({
      controllers: [deploymentController, replicaSetController, startGarbageCollector],
    });
    await on.create();
    await on.runPods();
    const [old] = await on.replicaSets();
    await cluster.client.delete(Deployment, "default", "web", { propagationPolicy: "Background" });
    const again = await on.create();
    await on.runPods();

    const sets = await on.replicaSets();
    expect(sets.map((one) => controllerOf(one)?.uid)).toEqual([again.metadata.uid]);
    expect(sets[0]!.metadata.uid).not.toBe(old!.metadata.uid);
    expect(await on.pods()).toHaveLength(3);
  });

  test("leaves its ReplicaSets behind if told to, and the next one takes them in", async () => {
    await cluster.stop();
    cluster = await startCluster({
      controllers: [deploymentController, replicaSetController, startGarbageCollector],
    });
    await on.create();
    await on.runPods();
    const [old] = await on.replicaSets();
    await cluster.client.delete(Deployment, "default", "web", { propagationPolicy: "Orphan" });
    await cluster.settle();
    const [orphan] = await on.replicaSets();
    expect(orphan!.metadata.uid).toBe(old!.metadata.uid);
    expect(controllerOf(orphan!)).toBeUndefined();

    const again = await on.create();
    await on.runPods();
    const [adopted, ...others] = await on.replicaSets();
    expect(others).toEqual([]);
    expect(adopted!.metadata.uid).toBe(old!.metadata.uid);
    expect(controllerOf(adopted!)?.uid).toBe(again.metadata.uid);
  });
});
