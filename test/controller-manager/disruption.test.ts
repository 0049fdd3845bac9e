import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DaemonSet } from "../../src/api/apps/daemon-set.ts";
import { Deployment } from "../../src/api/apps/deployment.ts";
import { ReplicaSet } from "../../src/api/apps/replica-set.ts";
import { Event } from "../../src/api/event.ts";
import type { Kind, KubeObject } from "../../src/api/kind.ts";
import { controllerRef } from "../../src/api/owner.ts";
import { Pod } from "../../src/api/pod.ts";
import { PodDisruptionBudget } from "../../src/api/policy/pod-disruption-budget.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { startDisruptionController } from "../../src/controller-manager/disruption.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite, unreachable } from "../support/faulty-transport.ts";
import { WorkloadLab } from "./workload-lab.ts";

let cluster: Cluster;
let lab: WorkloadLab;
beforeEach(async () => {
  cluster = await startCluster({ controllers: [startDisruptionController] });
  lab = new WorkloadLab(cluster);
});
afterEach(() => cluster.stop());

describe("a PodDisruptionBudget", () => {
  test("allows what is healthy beyond the least it asks for", async () => {
    await pods(3);
    await budget({ minAvailable: 2 });
    await cluster.settle();
    expect(await status()).toMatchObject({
      currentHealthy: 0,
      desiredHealthy: 2,
      disruptionsAllowed: 0,
      expectedPods: 3,
      observedGeneration: 1,
      conditions: [{ type: "DisruptionAllowed", status: "False", reason: "InsufficientPods" }],
    });

    for (const pod of await lab.pods()) await lab.makeReady(pod);
    await cluster.settle();
    expect(await status()).toMatchObject({
      currentHealthy: 3,
      disruptionsAllowed: 1,
      conditions: [{ type: "DisruptionAllowed", status: "True", reason: "SufficientPods" }],
    });
  });

  test("reckons shares of what the controllers were asked for, not of what is there", async () => {
    const rc = await controller(ReplicationController, 10);
    await pods(4, rc);
    for (const pod of await lab.pods()) await lab.makeReady(pod);
    await budget({ maxUnavailable: "25%" });
    await cluster.settle();
    // 25 % of 10 is 2.5, rounded up.
    expect(await status()).toMatchObject({
      expectedPods: 10,
      desiredHealthy: 7,
      currentHealthy: 4,
      disruptionsAllowed: 0,
    });
    await cluster.client.patch(ReplicationController, "default", "web", { spec: { replicas: 4 } });
    await cluster.settle();
    expect(await status()).toMatchObject({
      expectedPods: 4,
      desiredHealthy: 3,
      disruptionsAllowed: 1,
    });
  });

  test("counts the versions of a Deployment as one", async () => {
    const deployment = await controller(Deployment, 5);
    const versions = ["web-1", "web-2"].map((name) => controller(ReplicaSet, 3, name, deployment));
    for (const version of await Promise.all(versions)) await pods(3, version);
    await budget({ minAvailable: "50%" });
    await cluster.settle();
    expect(await status()).toMatchObject({ expectedPods: 5, desiredHealthy: 3 });
  });

  test("allows nothing as long as it sees no pods", async () => {
    await budget({ maxUnavailable: 3 });
    await cluster.settle();
    expect(await status()).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 });
    expect(await lab.told("PodDisruptionBudget")).toEqual(["NoPods No matching pods found"]);
  });

  test("says of pods without a controller that shares of them mean nothing", async () => {
    await pods(1);
    await budget({ maxUnavailable: 1 });
    await cluster.settle();
    expect(await lab.told("PodDisruptionBudget")).toEqual([
      'UnmanagedPods Pods selected by this PodDisruptionBudget (selector: app=web) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.',
    ]);
  });

  test("is closed where a controller has no scale, and says so", async () => {
    const daemons = await cluster.client.create(DaemonSet, "default", {
      metadata: { name: "logs" },
      spec: DaemonSet.example.spec,
    });
    await pods(1, daemons);
    await budget({ maxUnavailable: 1 });
    await cluster.settle();
    expect((await status())?.conditions).toMatchObject([
      {
        status: "False",
        reason: "SyncFailed",
        message: "daemonsets.apps does not implement the scale subresource",
      },
    ]);
    expect(await lab.told("PodDisruptionBudget")).toEqual([
      "CalculateExpectedPodCountFailed Failed to calculate the number of expected pods: daemonsets.apps does not implement the scale subresource",
    ]);
  });

  test("counts an evicted pod as gone for two minutes, and then complains of it", async () => {
    await pods(2);
    for (const pod of await lab.pods()) await lab.makeReady(pod);
    await budget({ minAvailable: 1 });
    await cluster.settle();
    const noted = { disruptedPods: { "pod-0": now() } };
    await cluster.client.patch(
      PodDisruptionBudget,
      "default",
      "web",
      { status: noted },
      { type: "merge", subresource: "status" },
    );
    await cluster.settle();
    expect(await status()).toMatchObject({ currentHealthy: 1, disruptionsAllowed: 0, ...noted });

    await cluster.pass(121_000, 30_000);
    expect(await status()).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 });
    expect(await status()).not.toHaveProperty("disruptedPods");
    const events = (await cluster.client.list(Event)).items.map(({ message }) => message);
    expect(events).toContain("Pod was expected by PDB default/web to be deleted but it wasn't");
  });

  test("takes a pod back that was told it would go and did not", async () => {
    await pods(1);
    const [pod] = await lab.pods();
    await lab.setStatus(pod!, {
      phase: "Running",
      conditions: [
        {
          type: "DisruptionTarget",
          status: "True",
          reason: "EvictionByEvictionAPI",
          lastTransitionTime: now(),
        },
      ],
    });
    await cluster.pass(60_000, 30_000);
    expect((await lab.pods())[0]!.status?.conditions).toMatchObject([{ status: "True" }]);
    await cluster.pass(61_000, 30_500);
    const [condition] = (await lab.pods())[0]!.status?.conditions ?? [];
    expect(condition).toEqual({
      type: "DisruptionTarget",
      status: "False",
      lastTransitionTime: expect.any(String),
    });
  });

  test("is right in the end, though writes meet conflicts, watches are cut and hours pass", async () => {
    cluster.network.fault = conflictOnEveryWrite();
    await pods(3);
    await budget({ minAvailable: 1 });
    for (const pod of await lab.pods()) {
      await lab.makeReady(pod);
      cluster.network.cutWatches();
    }
    await cluster.settle();
    cluster.network.fault = unreachable;
    cluster.network.cutWatches();
    await cluster.client.delete(Pod, "default", "pod-0");
    cluster.clock.advance(5 * 3_600_000);
    cluster.network.fault = undefined;
    await cluster.pass(120_000, 30_000);
    expect(await status()).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 1 });
  });

  test("counts anew after it was deleted and made again", async () => {
    await pods(2);
    for (const pod of await lab.pods()) await lab.makeReady(pod);
    await budget({ minAvailable: 1 });
    await cluster.settle();
    await cluster.client.delete(PodDisruptionBudget, "default", "web");
    await budget({ minAvailable: 2 });
    await cluster.settle();
    expect(await status()).toMatchObject({ desiredHealthy: 2, disruptionsAllowed: 0 });
  });
});

const status = async () => (await cluster.client.get(PodDisruptionBudget, "default", "web")).status;
const now = () => `${cluster.clock.now().toISOString().slice(0, 19)}Z`;

async function budget(spec: PodDisruptionBudget["spec"]) {
  const selector = { matchLabels: { app: "web" } };
  await cluster.client.create(PodDisruptionBudget, "default", {
    metadata: { name: "web" },
    spec: { selector, ...spec },
  });
}

let made = 0;
async function pods(count: number, owner?: KubeObject) {
  if (owner === undefined) made = 0;
  for (let index = 0; index < count; index++) {
    await cluster.client.create(Pod, "default", {
      metadata: {
        name: `pod-${made++}`,
        labels: { app: "web" },
        ...(owner && { ownerReferences: [controllerRef(owner)] }),
      },
      spec: { containers: [{ name: "main", image: "nginx" }] },
    });
  }
}

async function controller<T extends KubeObject>(
  kind: Kind<T>,
  replicas: number,
  name = "web",
  owner?: KubeObject,
): Promise<T> {
  const spec = { ...(kind.example.spec as object), replicas };
  const metadata = { name, ...(owner && { ownerReferences: [controllerRef(owner)] }) };
  return cluster.client.create(kind, "default", { metadata, spec } as never);
}
